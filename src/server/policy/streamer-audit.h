/* streamer-audit.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * StreamerAuditEntry:
 * @request_id: the server's name for the request
 * @remote: (nullable): the client's address
 * @principal: (nullable): who asked; NULL where nobody knows
 * @action: what was asked for
 * @key: (nullable): of what object, as the client wrote it
 * @upload_id: (nullable): of what upload; only a short hash of it is written
 * @outcome: `done`, or the error's code
 * @status: the status code of the answer
 * @bytes: how many it was about, or -1
 *
 * One decision; nothing of it is owned.
 */
typedef struct
{
  const char *request_id;
  const char *remote;
  const char *principal;
  const char *action;
  const char *key;
  const char *upload_id;
  const char *outcome;
  guint status;
  gint64 bytes;
} StreamerAuditEntry;

/**
 * StreamerAudit:
 *
 * Writes one JSON object on a line for each decision: nothing in it can look like another line, and
 * no token, signature or upload id is in it. Lines are bounded. Any thread.
 */
typedef struct _StreamerAudit StreamerAudit;

/** @path: (nullable) (type filename): appended to; NULL for standard error */
StreamerAudit *streamer_audit_new (const char *path, GError **error);
void streamer_audit_free (StreamerAudit *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerAudit, streamer_audit_free)

/** Goes on in a new file of the same name, once the old one was moved away. */
gboolean streamer_audit_reopen (StreamerAudit *self, GError **error);

/** streamer_audit_write: a line that cannot be written is told to the server's log, once */
void streamer_audit_write (StreamerAudit *self, const StreamerAuditEntry *entry);

G_END_DECLS
