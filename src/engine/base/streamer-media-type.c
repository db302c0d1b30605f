/* streamer-media-type.c: what kind of bytes something is
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-media-type.h"

#include <string.h>

#define MAX_LENGTH 255

/* Returns: how many of the first characters of @text make a token */
static gsize
get_token_length (const char *text)
{
  gsize length = 0;

  while (g_ascii_isalnum (text[length]) ||
         (text[length] != '\0' && strchr ("!#$%&'*+-.^_`|~", text[length]) != NULL))
    length++;
  return length;
}

gboolean
streamer_media_type_is_valid (const char *text)
{
  gsize length = strlen (text);
  gsize type = get_token_length (text);
  gsize subtype = text[type] == '/' ? get_token_length (text + type + 1) : 0;
  const char *rest = text + type + 1 + subtype;

  if (length > MAX_LENGTH || type == 0 || subtype == 0)
    return FALSE;
  /* What parameters say is for the reader; here they must only fit into a header. */
  rest += strspn (rest, " ");
  if (*rest != '\0' && *rest != ';')
    return FALSE;
  for (const char *c = rest; *c != '\0'; c++)
    if (!g_ascii_isprint (*c))
      return FALSE;
  return text[length - 1] != ' ';
}
