/* streamer-unfinished-group.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "streamer-queue.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_UNFINISHED_GROUP (streamer_unfinished_group_get_type ())
G_DECLARE_FINAL_TYPE (StreamerUnfinishedGroup,
                      streamer_unfinished_group,
                      STREAMER,
                      UNFINISHED_GROUP,
                      AdwPreferencesGroup)

/**
 * streamer_unfinished_group_new:
 * @queue: with a journal
 *
 * The unfinished uploads of one store, which is asked at once.
 */
GtkWidget *streamer_unfinished_group_new (StreamerQueue *queue, StreamerConnection *connection);

G_END_DECLS
