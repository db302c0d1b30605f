/* streamer-source-identity.c: whether a file is still what it was
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-source.h"

#include <glib/gi18n-lib.h>

#include "streamer-error.h"

static gboolean
set_changed (GError **error, const char *sentence, const char *name)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_CHANGED, sentence, name);
#pragma GCC diagnostic pop
  return FALSE;
}

gboolean
streamer_source_identity_check (const StreamerSourceIdentity *then,
                                const StreamerSourceIdentity *now,
                                const char *name,
                                GError **error)
{
  g_return_val_if_fail (then != NULL && now != NULL && name != NULL, FALSE);

  if (now->device != then->device || now->inode != then->inode)
    /* Translators: %s is a file name */
    return set_changed (error, _ ("“%s” was replaced since the upload began."), name);
  if (now->size > then->size)
    /* Translators: %s is a file name */
    return set_changed (error, _ ("“%s” has grown since the upload began."), name);
  if (now->size < then->size)
    /* Translators: %s is a file name */
    return set_changed (error, _ ("“%s” has become shorter since the upload began."), name);
  if (now->mtime_ns != then->mtime_ns)
    /* Translators: %s is a file name */
    return set_changed (error, _ ("“%s” was written to since the upload began."), name);
  if (now->ctime_ns != then->ctime_ns)
    /* Translators: %s is a file name */
    return set_changed (error, _ ("“%s” was changed since the upload began."), name);
  return TRUE;
}
