/* SPDX-License-Identifier: Apache-2.0 */
/* The LPA's side: which octets of a package go into one ES10b.LoadBoundProfilePackage. */
#include "rsp/bpp.h"

/* SGP.22 2.5.5. A sequence is sent as header and TLVs in one piece, or as its header alone and then
 * each TLV alone. */
static const struct {
	ber_tag sequence, element;
	bool together, optional;
} parts[] = {
	{TAG_FIRST_87,   TAG_BSP_COMMAND,  true,  false},
	{ TAG_88,        TAG_BSP_METADATA, false, false},
	{ TAG_SECOND_87, TAG_BSP_COMMAND,  true,  true },
	{ TAG_86,        TAG_BSP_PROFILE,  false, false},
};

static enum err check_sequence(struct bytes sequence, ber_tag element)
{
	struct bytes tlv;

	if (sequence.len == 0)
		return ERR_LENGTH;
	while (sequence.len > 0) {
		TRY(ber_read_whole(&sequence, element, &tlv));
		if (tlv.len > BSP_SEGMENT_READ_MAX)
			return ERR_LIMIT;
	}
	return ERR_NONE;
}

enum err bpp_segments_start(struct bpp_segments *segments, struct bytes bpp)
{
	struct bytes rest = bpp, seq, initialise, sequence;

	TRY(ber_read(&rest, TAG_BPP, &seq));
	TRY(ber_end(rest));
	TRY(ber_read_whole(&seq, TAG_INITIALISE_SECURE_CHANNEL, &initialise));
	for (size_t i = 0; i < COUNT(parts); i++) {
		if (parts[i].optional && !ber_is(seq, parts[i].sequence))
			continue;
		TRY(ber_read(&seq, parts[i].sequence, &sequence));
		TRY(check_sequence(sequence, parts[i].element));
	}
	TRY(ber_end(seq));
	*segments = (struct bpp_segments){ .left = bpp, .initialise = initialise };
	return ERR_NONE;
}

/* The header of the whole package goes with InitialiseSecureChannel. */
static enum err first_segment(struct bpp_segments *segments, struct bytes *segment)
{
	struct bytes left = segments->left, header = left, initialise;
	ber_tag tag;
	size_t len;

	TRY(ber_header(&left, &tag, &len));
	TRY(ber_read_whole(&left, TAG_INITIALISE_SECURE_CHANNEL, &initialise));
	if (!bytes_take(&header, header.len - left.len, segment))
		return ERR_TRUNCATED;
	segments->left = left;
	segments->part = 1;
	return ERR_NONE;
}

static enum err next_element(struct bpp_segments *segments, struct bytes *segment)
{
	struct bytes left = segments->left, tlv;

	TRY(ber_read_whole(&left, parts[segments->part - 1].element, &tlv));
	segments->left = left;
	segments->in_part -= tlv.len;
	if (segments->in_part == 0)
		segments->part++;
	*segment = tlv;
	return ERR_NONE;
}

static enum err open_sequence(struct bpp_segments *segments, struct bytes *segment)
{
	struct bytes left = segments->left, header = left;
	size_t i = (size_t)segments->part - 1, len;
	ber_tag tag;

	if (parts[i].together) {
		TRY(ber_read_whole(&segments->left, parts[i].sequence, segment));
		segments->part++;
		return ERR_NONE;
	}
	TRY(ber_header(&left, &tag, &len));
	if (tag != parts[i].sequence)
		return ERR_TAG;
	if (!bytes_take(&header, header.len - left.len, segment))
		return ERR_TRUNCATED;
	segments->left = left;
	segments->in_part = len;
	return ERR_NONE;
}

enum err bpp_segments_next(struct bpp_segments *segments, struct bytes *segment)
{
	if (segments->left.len == 0)
		return ERR_NOT_FOUND;
	if (segments->part == 0)
		return first_segment(segments, segment);
	if (segments->part > COUNT(parts))
		return ERR_TRAILING;
	if (segments->in_part > 0)
		return next_element(segments, segment);
	size_t i = (size_t)segments->part - 1;
	if (parts[i].optional && !ber_is(segments->left, parts[i].sequence))
		segments->part++;
	return open_sequence(segments, segment);
}
