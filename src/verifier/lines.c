/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/lines.h"

#include <string.h>

static bool blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void skip_blanks(struct bytes *in)
{
	while (in->len > 0 && blank(in->at[0]))
		*in = (struct bytes){ in->at + 1, in->len - 1 };
	if (in->len > 0 && in->at[0] == '#')
		in->len = 0;
}

bool lines_next(struct lines *lines)
{
	while (lines->rest.len > 0) {
		const uint8_t *end = memchr(lines->rest.at, '\n', lines->rest.len);
		size_t len = end == NULL ? lines->rest.len : (size_t)(end - lines->rest.at);
		size_t taken = end == NULL ? len : len + 1;

		lines->line = (struct bytes){ lines->rest.at, len };
		lines->rest = (struct bytes){ lines->rest.at + taken, lines->rest.len - taken };
		lines->number++;
		skip_blanks(&lines->line);
		if (lines->line.len > 0)
			return true;
	}
	return false;
}

bool lines_word(struct lines *lines, struct bytes *out)
{
	struct bytes in = lines->line;
	size_t n = 0;

	skip_blanks(&in);
	if (in.len == 0)
		return false;
	bool quoted = in.at[0] == '"';
	if (quoted)
		in = (struct bytes){ in.at + 1, in.len - 1 };
	while (n < in.len && (quoted ? in.at[n] != '"' : !blank(in.at[n])))
		n++;
	if (quoted && n == in.len)
		return false; /* never closed: the line's end then complains */
	*out = (struct bytes){ in.at, n };
	n += quoted;
	lines->line = (struct bytes){ in.at + n, in.len - n };
	return true;
}

enum err lines_end(const struct lines *lines)
{
	struct bytes in = lines->line;

	skip_blanks(&in);
	return in.len == 0 ? ERR_NONE : ERR_TRAILING;
}

bool word_is(struct bytes word, const char *text)
{
	return bytes_same(word, bytes_text(text));
}

enum err word_number(struct bytes word, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;

	if (word.len == 0 || word.len > 19)
		return ERR_LENGTH;
	for (size_t i = 0; i < word.len; i++) {
		if (word.at[i] < '0' || word.at[i] > '9')
			return ERR_VALUE;
		value = value * 10 + (uint64_t)(word.at[i] - '0');
	}
	if (value > max)
		return ERR_VALUE;
	*out = value;
	return ERR_NONE;
}

enum err word_copy(struct bytes word, char *out, size_t size)
{
	if (word.len >= size)
		return ERR_LIMIT;
	for (size_t i = 0; i < word.len; i++)
		out[i] = (char)(word.at[i] < 0x20 || word.at[i] == 0x7F ? '?' : word.at[i]);
	out[word.len] = '\0';
	return ERR_NONE;
}
