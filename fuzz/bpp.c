/* SPDX-License-Identifier: Apache-2.0 */
/* Law: the segments of a package are all of its octets in order, none longer than a card takes, and
 * their number is found without the package being well formed inside the TLVs. */
#include "rsp/bpp.h"

#include "fuzz/law.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = { data, size }, segment, all = { data, 0 };
	struct bpp_segments segments;
	enum err err;

	if (bpp_segments_start(&segments, in) != ERR_NONE)
		return 0;
	while ((err = bpp_segments_next(&segments, &segment)) == ERR_NONE) {
		LAW(segment.len > 0);
		LAW(segment.at == data + all.len);
		all.len += segment.len;
		LAW(all.len <= size);
	}
	LAW(err == ERR_NOT_FOUND);
	LAW(all.len == size);
	return 0;
}
