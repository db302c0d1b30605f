/* streamer-isolate.c: names within sentences that are read in the other direction
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-isolate.h"

#define FIRST_STRONG_ISOLATE    "\u2068"
#define POP_DIRECTIONAL_ISOLATE "\u2069"

char *
streamer_isolate (const char *text)
{
  g_return_val_if_fail (text != NULL, NULL);

  return g_strconcat (FIRST_STRONG_ISOLATE, text, POP_DIRECTIONAL_ISOLATE, NULL);
}
