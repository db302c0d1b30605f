/* fault-world-private.h: a queue before a faulty server, between its files
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "fault-world.h"

G_BEGIN_DECLS

/** What must not be, as a sentence. */
void fault_world_fail (FaultWorld *world, const char *format, ...) G_GNUC_PRINTF (2, 3);

/** Returns: (transfer full): what was logged since the world was made */
char *fault_world_dup_log (void);

guint fault_world_count (FaultWorld *world);
/** Returns: (transfer none) */
StreamerTransfer *fault_world_get (FaultWorld *world, guint index);
/** Returns: (transfer none) (nullable) */
StreamerTransfer *fault_world_find (FaultWorld *world, const char *key);

/** The server's token, where the program looks for it. */
void fault_world_give_token (FaultWorld *world);
/** One thing that happens; where nothing does, time goes by up to the next one. */
void fault_world_step (FaultWorld *world);

/** Returns: (transfer full): the journal's uploads, with all that was written before */
GPtrArray *fault_world_list_uploads (FaultWorld *world);
/* fault-run.c */

/** The program ends, one way or the other. */
void fault_world_end (FaultWorld *world, gboolean orderly);
/** The janitor looks through the journal; fault_world_step() until @n_cleaning is 0. */
void fault_world_clean (FaultWorld *world);
/** What was tried to be given up may be tried again. */
void fault_world_let_hours_pass (FaultWorld *world);

/* fault-check.c */

/** Returns: (transfer full): the journal's uploads, with all that was written before */
GPtrArray *fault_world_list_uploads (FaultWorld *world);
/** Of what an earlier run has left, each part is either written down or was under way. */
void fault_world_check_begun (FaultWorld *world);
/** No secret is in the journal's folder. */
void fault_world_check_folder (FaultWorld *world);
void fault_world_remove_folder (const char *folder);

G_END_DECLS
