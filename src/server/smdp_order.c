/* SPDX-License-Identifier: Apache-2.0 */
#include "server/smdp_order.h"

#include "rsp/metadata.h"

enum { FREE_FLASH_MIN = 4096 }; /* a profile with less than this in files and keys is not seen */

void smdp_order_unbind(struct order *order)
{
	order->bound_eid = (struct bytes){ NULL, 0 };
	order->bound_transaction = (struct bytes){ NULL, 0 };
	order->euicc_otpk = (struct bytes){ NULL, 0 };
	order->sealed_otsk = (struct bytes){ NULL, 0 };
}

static bool other_card(struct bytes bound, const uint8_t *eid)
{
	return bound.len > 0 && !bytes_same(bound, (struct bytes){ eid, EID_SIZE });
}

enum smdp_status smdp_order_check(const struct order *order, const uint8_t eid[static EID_SIZE],
                                  uint64_t now_ms)
{
	/* 5.6.3: linked to another EID; or its package is with another card (I1). */
	if (other_card(order->eid, eid) || other_card(order->bound_eid, eid))
		return SMDP_EID_REFUSED;
	switch (order->state) {
	case PROFILE_RELEASED:
	case PROFILE_DOWNLOADED:
		break;
	case PROFILE_ALLOCATED:
	case PROFILE_LINKED:
	case PROFILE_CONFIRMED:
		return SMDP_NOT_RELEASED;
	case PROFILE_AVAILABLE:
	case PROFILE_INSTALLED:
	case PROFILE_ERROR:
	case PROFILE_UNAVAILABLE:
	case PROFILE_STATES:
	default:
		return SMDP_MATCHING_ID_REFUSED;
	}
	if (order->expires_ms != 0 && order->expires_ms <= now_ms)
		return SMDP_ORDER_EXPIRED;
	return SMDP_OK;
}

enum smdp_status smdp_order_for(const struct smdp_ports *ports, struct bytes matching_id,
                                const uint8_t eid[static EID_SIZE], struct order *out)
{
	bool by_eid = matching_id.len == 0;
	struct bytes key = by_eid ? (struct bytes){ eid, EID_SIZE } : matching_id;
	struct order order;
	enum err err = ports->order_find(ports->ctx, by_eid ? SMDP_BY_EID : SMDP_BY_MATCHING_ID,
	                                 key, &order);

	if (err == ERR_NOT_FOUND)
		return by_eid ? SMDP_EID_REFUSED : SMDP_MATCHING_ID_REFUSED;
	if (err != ERR_NONE)
		return SMDP_EXECUTION_ERROR;
	*out = order;
	return smdp_order_check(&order, eid, ports->now_ms(ports->ctx));
}

enum smdp_status smdp_order_asked(const struct order *order, struct bytes matching_id,
                                  const uint8_t eid[static EID_SIZE], uint64_t now_ms)
{
	bool by_eid = matching_id.len == 0;

	if (by_eid && (order->matching_id.at == NULL || order->matching_id.len > 0 ||
	               !bytes_same(order->eid, (struct bytes){ eid, EID_SIZE })))
		return SMDP_MATCHING_ID_REFUSED;
	if (!by_eid && !bytes_same(order->matching_id, matching_id))
		return SMDP_MATCHING_ID_REFUSED;
	return smdp_order_check(order, eid, now_ms);
}

enum smdp_status smdp_order_eligible(const struct order *order, const struct euicc_info2 *info)
{
	struct store_metadata metadata;
	uint32_t applications, flash, ram;

	if (store_metadata_read(order->metadata, &metadata) != ERR_NONE)
		return SMDP_EXECUTION_ERROR;
	/* A rule that this eUICC forbids would make it refuse the profile after the download. */
	if (info->has_forbidden_pprs && (info->forbidden_pprs & metadata.pprs) != 0)
		return SMDP_NOT_ELIGIBLE;
	if (metadata.profile_class == CLASS_TEST &&
	    !(info->rsp_capability & RSP_TEST_PROFILE_SUPPORT))
		return SMDP_NOT_ELIGIBLE;
	if (ext_card_resource_read(info->ext_card_resource, &applications, &flash, &ram) ==
	            ERR_NONE &&
	    flash != 0 && flash < FREE_FLASH_MIN)
		return SMDP_EUICC_MEMORY;
	return SMDP_OK;
}
