/* SPDX-License-Identifier: Apache-2.0 */
#include "server/auc_outbox.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

/* From the socket that the peer sent to: its own is connected to that one and hears no other. False when
 * there is no room at its end at present; whoever has gone gets nothing. */
static bool try_send(const struct outbox *outbox, const struct auc_peer *peer,
                     struct bytes datagram)
{
	struct sockaddr_un address;
	size_t size = peer->size - 1u;

	memcpy(&address, peer->at + 1, size);
	return sendto(outbox->sockets[peer->at[0]], datagram.at, datagram.len,
	              MSG_DONTWAIT | MSG_NOSIGNAL, (const struct sockaddr *)(const void *)&address,
	              (socklen_t)size) >= 0 ||
	       (errno != EAGAIN && errno != ENOBUFS);
}

void outbox_send(struct outbox *outbox, uint64_t now_ms, const struct auc_peer *peer,
                 struct bytes datagram)
{
	struct outbox_row *row;

	if (outbox->count == 0 && try_send(outbox, peer, datagram))
		return;
	if (outbox->count == OUTBOX_ROWS || datagram.len > AUC_REPLY_MAX) {
		outbox->dropped++;
		return;
	}
	row = &outbox->rows[outbox->count++];
	row->peer = *peer;
	row->until_ms = now_ms + OUTBOX_PATIENCE_MS;
	row->size = (uint16_t)datagram.len;
	memcpy(row->octets, datagram.at, datagram.len);
}

void outbox_flush(struct outbox *outbox, uint64_t now_ms)
{
	size_t kept = 0, count = outbox->count;

	for (size_t i = 0; i < count; i++) {
		const struct outbox_row *row = &outbox->rows[i];
		bool expired = now_ms >= row->until_ms;

		outbox->dropped += expired;
		if (expired ||
		    try_send(outbox, &row->peer, (struct bytes){ row->octets, row->size }))
			continue;
		if (kept != i)
			outbox->rows[kept] = *row;
		kept++;
	}
	wipe(&outbox->rows[kept],
	     (count - kept) * sizeof outbox->rows[0]); /* CK and IK were in them */
	outbox->count = kept;
}
