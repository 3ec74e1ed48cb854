/* SPDX-License-Identifier: Apache-2.0 */
/* How a node lies in the table of its tree; for fs.c only. */
#ifndef CARD_NODE_H
#define CARD_NODE_H

#include "card/fs.h"

enum { NODE_HEAD_SIZE = 6 }; /* kind, sfi, fid, parent: what most searches look at */

/* node_put fills the row; node_read takes it; node_head reads only kind, sfi, fid and parent. */
void node_put(const struct node *node, uint8_t raw[static FS_NODE_SIZE]);
NODISCARD enum err node_read(const uint8_t raw[static FS_NODE_SIZE], struct node *out);
void node_head(const uint8_t raw[static NODE_HEAD_SIZE], struct node *out);

#endif
