/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/profile_show.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { HEX_SHOWN = 64 }; /* digits of content on a line before it is cut */

static const char *text_in(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

static long long number_in(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

/* Content that ends in one octet again and again is shown up to where that begins. */
static void print_content(const char *hex)
{
	size_t len = strlen(hex), tail = len;

	while (tail > 2 && memcmp(hex + tail - 2, hex + tail - 4, 2) == 0)
		tail -= 2;
	size_t run = (len - tail) / 2 + 1;
	if (run < 4)
		tail = len;
	size_t shown = tail < HEX_SHOWN ? tail : HEX_SHOWN;
	printf("       %.*s", (int)shown, hex);
	if (shown < tail)
		printf("... (%zu octets)", len / 2);
	else if (tail < len)
		printf("... (%zu octets, all the rest %.2s)", len / 2, hex + tail - 2);
	printf("\n");
}

static void print_value(const char *key, const json_t *value)
{
	size_t n;
	const json_t *item;

	printf("       %s: ", key);
	if (json_is_string(value)) {
		printf("%s", json_string_value(value));
	} else if (json_is_integer(value)) {
		printf("%lld", (long long)json_integer_value(value));
	} else if (json_is_boolean(value)) {
		printf("%s", json_is_true(value) ? "yes" : "no");
	} else if (json_is_array(value)) {
		json_array_foreach(value, n, item)
		{
			if (json_is_string(item))
				printf("%s%s", n > 0 ? ", " : "", json_string_value(item));
			else
				printf("%s%lld", n > 0 ? ", " : "",
				       (long long)json_integer_value(item));
		}
	}
	printf("\n");
}

static void print_size(const json_t *file)
{
	const char *link = text_in(file, "link");

	if (link[0] != '\0')
		printf(", the same as %s", link);
	else if (json_object_get(file, "records") != NULL)
		printf(", %lld records of %lld", number_in(file, "records"),
		       number_in(file, "record-length"));
	else if (json_object_get(file, "size") != NULL)
		printf(", %lld octets", number_in(file, "size"));
}

static void print_file(const json_t *file)
{
	static const char *const decoded[] = { "aid",      "iccid",      "imsi",    "spn",
		                               "services", "mnc-digits", "identity" };
	const char *arr = text_in(file, "arr");

	printf("     %-34s %s", text_in(file, "path"), text_in(file, "fid"));
	if (json_is_false(json_object_get(file, "created"))) {
		printf(" is not made\n");
		return;
	}
	printf(" %s", text_in(file, "type"));
	print_size(file);
	if (json_object_get(file, "sfi") != NULL)
		printf(", short id %lld", number_in(file, "sfi"));
	printf(", rule %s%s%lld\n", arr, arr[0] != '\0' ? "/" : "", number_in(file, "rule"));
	for (size_t n = 0; n < sizeof decoded / sizeof decoded[0]; n++) {
		const json_t *value = json_object_get(file, decoded[n]);
		if (value != NULL)
			print_value(decoded[n], value);
	}
	if (text_in(file, "content")[0] != '\0')
		print_content(text_in(file, "content"));
}

static void print_code(const json_t *code)
{
	const char *puk = text_in(code, "puk");

	printf("     %s = %s, %lld of %lld attempts left", text_in(code, "reference"),
	       text_in(code, "value"), number_in(code, "attempts-left"),
	       number_in(code, "attempts"));
	if (json_is_false(json_object_get(code, "enabled")))
		printf(", disabled");
	if (puk[0] != '\0')
		printf(", PUK %s", puk);
	printf("\n");
}

static void print_key(const json_t *key)
{
	printf("     key version %02llX, identifier %02llX, type %s, usage %s = %s\n",
	       (unsigned long long)number_in(key, "version"),
	       (unsigned long long)number_in(key, "identifier"), text_in(key, "type"),
	       text_in(key, "usage"), text_in(key, "value"));
}

static void print_list(const json_t *list, void (*print)(const json_t *))
{
	const json_t *item;
	size_t n;

	json_array_foreach(list, n, item) print(item);
}

static void print_element(size_t number, json_t *element)
{
	static const char *const above[] = { "kind",      "offset", "length", "identification",
		                             "mandatory", "files",  "codes",  "keys" };
	const char *key;
	json_t *value;

	printf("%3zu  %s", number, text_in(element, "kind"));
	if (json_object_get(element, "identification") != NULL)
		printf(" (identification %lld%s)", number_in(element, "identification"),
		       json_is_true(json_object_get(element, "mandatory")) ? ", mandatory" : "");
	printf(", %lld octets at %lld\n", number_in(element, "length"),
	       number_in(element, "offset"));
	json_object_foreach(element, key, value)
	{
		bool shown = false;
		for (size_t n = 0; n < sizeof above / sizeof above[0]; n++)
			shown = shown || strcmp(above[n], key) == 0;
		if (!shown)
			print_value(key, value);
	}
	print_list(json_object_get(element, "files"), print_file);
	print_list(json_object_get(element, "codes"), print_code);
	print_list(json_object_get(element, "keys"), print_key);
}

void profile_print(const json_t *elements)
{
	json_t *element;
	size_t n;

	json_array_foreach(elements, n, element) print_element(n + 1, element);
}
