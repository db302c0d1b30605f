/* streamer-list.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-run.h"

G_BEGIN_DECLS

/** `--list`: prints what the journal has, or what the bucket that the options name has unfinished. */
void streamer_list (StreamerRun *run);

/**
 * streamer_list_print:
 * @header: (transfer full): printed above @rows where somebody looks
 * @rows: (element-type GStrv): one for each of @objects
 * @objects: (element-type JsonNode): the same as JSON
 */
void streamer_list_print (StreamerRun *run, char **header, GPtrArray *rows, GPtrArray *objects);

/** Sets a member to the time, µs since the epoch, as in 2026-01-31T12:00:00Z; to null for 0. */
void streamer_list_set_time (JsonObject *object, const char *member, gint64 time);

G_END_DECLS
