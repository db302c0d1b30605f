/* streamer-bucket-page.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "streamer-secrets.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_BUCKET_PAGE (streamer_bucket_page_get_type ())
G_DECLARE_FINAL_TYPE (StreamerBucketPage,
                      streamer_bucket_page,
                      STREAMER,
                      BUCKET_PAGE,
                      AdwPreferencesPage)

/**
 * StreamerBucketPage:
 *
 * The saved connection STREAMER_BUCKET_ID: a bucket, with keys of the user's own. It exists as long
 * as the bucket has a name; a new one becomes the default connection at once.
 *
 * Signal `connected` (const char *name): a bucket was saved for the first time.
 */

/** Called once. @settings: the program's; @connection_settings: of STREAMER_BUCKET_ID */
void streamer_bucket_page_set_up (StreamerBucketPage *self,
                                  GSettings *settings,
                                  GSettings *connection_settings,
                                  StreamerSecrets *secrets);
/** Saves what was typed and can be used. Leaving a row and Enter do the same. */
void streamer_bucket_page_commit (StreamerBucketPage *self);
void streamer_bucket_page_focus_bucket (StreamerBucketPage *self);

G_END_DECLS
