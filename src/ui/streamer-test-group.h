/* streamer-test-group.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "streamer-secrets.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_TEST_GROUP (streamer_test_group_get_type ())
G_DECLARE_FINAL_TYPE (StreamerTestGroup,
                      streamer_test_group,
                      STREAMER,
                      TEST_GROUP,
                      AdwPreferencesGroup)

/**
 * StreamerTestGroup:
 *
 * The button "Test Connection", and what came out of it, in words.
 *
 * Signal `clicked`: somebody wants a test; whoever listens says when it can begin.
 */

/**
 * streamer_test_group_start:
 * @settings: the program's
 * @id: of a saved connection
 */
void streamer_test_group_start (StreamerTestGroup *self,
                                GSettings *settings,
                                const char *id,
                                StreamerSecrets *secrets);
/** Says that the test will begin. @text: a whole sentence */
void streamer_test_group_announce (StreamerTestGroup *self, const char *text);
/** Nobody wants to know any more. */
void streamer_test_group_reset (StreamerTestGroup *self);

G_END_DECLS
