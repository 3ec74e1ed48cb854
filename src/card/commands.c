/* SPDX-License-Identifier: Apache-2.0 */
/* The table of commands (TS 102 221 table 10.5, TS 31.102 table 7.1), and who gets which. */
#include "card/inside.h"

enum {
	CASE_2 = 2, /* nothing or Le */
	CASE_3,     /* data */
	CASE_3_OR_1,
	CASE_4, /* data, and an answer */
	CASE_4_OR_2,
};

enum { CLA_INTER = 1, CLA_PROPRIETARY = 2, CLA_BOTH = 3 };

static const struct row {
	uint8_t ins, cla, shape;
	bool needs_tree; /* works on the enabled profile's files */
	command_fn *run;
} rows[] = {
	{ 0xA4, CLA_INTER,       CASE_4_OR_2, false, command_select_file        },
	{ 0xF2, CLA_BOTH,        CASE_2,      false, command_status             },
	{ 0xB0, CLA_INTER,       CASE_2,      true,  command_read_binary        },
	{ 0xD6, CLA_INTER,       CASE_3,      true,  command_update_binary      },
	{ 0xB2, CLA_INTER,       CASE_2,      true,  command_read_record        },
	{ 0xDC, CLA_INTER,       CASE_3,      true,  command_update_record      },
	{ 0xA2, CLA_INTER,       CASE_4,      true,  command_search_record      },
	{ 0x32, CLA_PROPRIETARY, CASE_4,      true,  command_increase           },
	{ 0xCB, CLA_PROPRIETARY, CASE_4_OR_2, true,  command_retrieve_data      },
	{ 0xDB, CLA_PROPRIETARY, CASE_3,      true,  command_set_data           },
	{ 0x20, CLA_INTER,       CASE_3_OR_1, true,  command_verify_pin         },
	{ 0x24, CLA_INTER,       CASE_3_OR_1, true,  command_change_pin         },
	{ 0x26, CLA_INTER,       CASE_3_OR_1, true,  command_disable_pin        },
	{ 0x28, CLA_INTER,       CASE_3_OR_1, true,  command_enable_pin         },
	{ 0x2C, CLA_INTER,       CASE_3_OR_1, true,  command_unblock_pin        },
	{ 0x04, CLA_INTER,       CASE_3_OR_1, true,  command_deactivate_file    },
	{ 0x44, CLA_INTER,       CASE_3_OR_1, true,  command_activate_file      },
	{ 0x88, CLA_INTER,       CASE_4,      true,  command_authenticate       },
	{ 0x78, CLA_PROPRIETARY, CASE_2,      true,  command_get_identity       },
	{ 0x84, CLA_INTER,       CASE_2,      false, command_get_challenge      },
	{ 0xAA, CLA_PROPRIETARY, CASE_3,      false, command_terminal_capability},
	{ 0x10, CLA_PROPRIETARY, CASE_3,      false, command_terminal_profile   },
	{ 0xC2, CLA_PROPRIETARY, CASE_4,      false, command_envelope           },
	{ 0x12, CLA_PROPRIETARY, CASE_2,      false, command_fetch              },
	{ 0x14, CLA_PROPRIETARY, CASE_3,      false, command_terminal_response  },
	{ 0x70, CLA_INTER,       CASE_2,      false, command_manage_channel     },
	/* docs/protocol.md: not of TS 102 221 */
	{ 0x54, CLA_PROPRIETARY, CASE_2,      false, command_pairing_challenge  },
	{ 0x56, CLA_PROPRIETARY, CASE_3,      false, command_pairing_prove      },
	{ 0x58, CLA_PROPRIETARY, CASE_3,      false, command_pairing_order      },
};

/* T=0 sends P3 = 00 where nothing follows: then it is not an Le (TS 102 221 7.3.1.1.1). */
static bool shape_fits(const struct row *row, const struct apdu *apdu)
{
	switch (row->shape) {
	case CASE_2:
		return apdu->data.len == 0;
	case CASE_3:
	case CASE_4:
		return apdu->data.len > 0;
	default:
		return true;
	}
}

static uint16_t row_run(struct card *card, const struct row *row, const struct apdu *apdu,
                        struct room *reply)
{
	bool class_fits = (row->cla & (apdu->proprietary ? CLA_PROPRIETARY : CLA_INTER)) != 0;

	if (!class_fits)
		return SW_CLA;
	if (!shape_fits(row, apdu))
		return SW_WRONG_LENGTH;
	if (row->needs_tree && card->fs.volume == 0)
		return row->run == command_authenticate ? SW_CONDITIONS : SW_NO_EF;
	struct channel *channel = &card->channels[apdu->channel];
	/* TS 102 221 11.3: another command ends a transfer in blocks. */
	if (row->run != command_retrieve_data && row->run != command_set_data)
		channel->transfer = TRANSFER_NONE;
	return row->run(card, channel, apdu, reply);
}

uint16_t commands_run(struct card *card, const struct apdu *apdu, struct room *reply, bool *two_way)
{
	const struct channel *channel = &card->channels[apdu->channel];

	*two_way = false;
	if (channel->app == APP_ISDR && apdu->ins == 0xE2)
		return isdr_run(card, apdu->channel, apdu, reply);
	for (unsigned i = 0; i < COUNT(rows); i++) {
		if (rows[i].ins != apdu->ins)
			continue;
		*two_way = rows[i].shape == CASE_4 ||
		           (rows[i].shape == CASE_4_OR_2 && !(apdu->data.len == 0 && apdu->has_le));
		return row_run(card, &rows[i], apdu, reply);
	}
	return SW_INS;
}
