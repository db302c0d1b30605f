/* streamer-isolate.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * streamer_isolate:
 * @text: such as a file's name
 *
 * For a sentence that may be read in the other direction than @text: neither pulls the other's
 * figures and signs to a wrong place.
 *
 * Returns: (transfer full): @text within Unicode's marks for that, which nobody sees
 */
char *streamer_isolate (const char *text);

G_END_DECLS
