/* fault-server.h: a backend and a bucket that fail as a script says
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "fault-script.h"
#include "fault-store.h"
#include "script-server.h"

G_BEGIN_DECLS

#define FAULT_BUCKET     "bucket"
#define FAULT_REGION     "eu-central-1"
#define FAULT_ACCESS_KEY "AKIDFAULTS"
#define FAULT_API_KEY    "api-key-nobody-may-see"

/**
 * FaultServer:
 *
 * One ScriptServer that is both: version 2 of the request API under /request, and S3, path style,
 * which takes signed requests of its own and the URLs that the backend signs. Really does what it
 * is told, in memory, but where a fault strikes; may be asked from any thread.
 */
typedef struct _FaultServer FaultServer;

/** @stall: what the server tells of stalls, as ScriptHandler has it. @page: parts in a list's page */
FaultServer *
fault_server_new (GArray *script, guint page, void (*stall) (guint16 port, gboolean stalls));
void fault_server_free (FaultServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FaultServer, fault_server_free)

/** Returns: (transfer none): without a slash at its end */
const char *fault_server_get_url (FaultServer *self);
/** Returns: (transfer full): the token that is taken now; for S3 the secret key */
char *fault_server_dup_token (FaultServer *self);
/** What the clock that has no hands says: seconds that were spent on slow answers. */
guint fault_server_take_seconds (FaultServer *self);
/** Returns: whether it does not listen just now */
gboolean fault_server_is_refusing (FaultServer *self);
void fault_server_listen (FaultServer *self);
/** From now on nothing is done that is asked for, and nothing is said of it. */
void fault_server_set_deaf (FaultServer *self, gboolean deaf);
/** Nobody is connected any more: until what they have sent is done. */
void fault_server_wait_idle (FaultServer *self);
/** No fault strikes any more, and it listens. */
void fault_server_heal (FaultServer *self);

/** Locks the truth. Returns: (transfer none): it, until fault_server_unlock() */
FaultStore *fault_server_lock (FaultServer *self);
void fault_server_unlock (FaultServer *self);

/** Returns: how many requests have come */
guint fault_server_get_n_requests (FaultServer *self);
/** Returns: how many faults have struck */
guint fault_server_get_n_struck (FaultServer *self);
/** Returns: requests for a part that came while another one for it was served */
guint fault_server_get_n_overlaps (FaultServer *self);
/** Returns: (transfer full): what came, one line each, in the order it ended */
char *fault_server_dup_log (FaultServer *self);
/** Returns: (transfer full) (nullable): the first secret that is in @text, of all there were, or what
 * begins a signature */
char *fault_server_find_secret (FaultServer *self, const char *text, gsize length);

G_END_DECLS
