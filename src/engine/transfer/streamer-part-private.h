/* streamer-part-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-part-list.h"

G_BEGIN_DECLS

/* streamer-part.c */
StreamerPart *streamer_part_new (StreamerPartList *list, guint number);
void streamer_part_update (StreamerPart *self);

/* streamer-part-list.c */
guint64 streamer_part_list_get_size (StreamerPartList *self, guint number);
guint64 streamer_part_list_get_part_sent (StreamerPartList *self, guint number);
guint streamer_part_list_get_attempts (StreamerPartList *self, guint number);
void streamer_part_list_unsee (StreamerPartList *self, guint number);

G_END_DECLS
