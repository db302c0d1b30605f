/* streamer-application.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define STREAMER_TYPE_APPLICATION (streamer_application_get_type ())
G_DECLARE_FINAL_TYPE (StreamerApplication,
                      streamer_application,
                      STREAMER,
                      APPLICATION,
                      AdwApplication)

StreamerApplication *streamer_application_new (void);

G_END_DECLS
