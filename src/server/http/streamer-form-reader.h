/* streamer-form-reader.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Bytes of a form beside the file itself; more is refused. */
#define STREAMER_FORM_MAX_OVERHEAD 65536

/**
 * StreamerFormSink:
 * @begin_file: all fields before the file are known: see streamer_form_reader_get_field()
 * @take_file: the file's next bytes
 *
 * Where a form goes. FALSE with an error ends it.
 */
typedef struct
{
  gboolean (*begin_file) (gpointer user_data, GError **error);
  gboolean (*take_file) (const void *data, gsize length, gpointer user_data, GError **error);
} StreamerFormSink;

/**
 * StreamerFormReader:
 *
 * Reads multipart/form-data (RFC 7578) as posts to S3 have it: fields, then one file in the field
 * `file`, and nothing behind it. Takes untrusted bytes in pieces of whatever size, keeps no more
 * of them than a field, and knows nothing of sockets. What is not of this form is refused.
 */
typedef struct _StreamerFormReader StreamerFormReader;

/**
 * streamer_form_reader_new:
 * @content_type: (nullable): the request's header
 * @sink: has to live as long
 *
 * Errors: STREAMER_ERROR_INVALID where it is no form
 */
StreamerFormReader *streamer_form_reader_new (const char *content_type,
                                              const StreamerFormSink *sink,
                                              gpointer user_data,
                                              GError **error);
void streamer_form_reader_free (StreamerFormReader *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerFormReader, streamer_form_reader_free)

/** Takes the next bytes. Errors: STREAMER_ERROR_INVALID, _TOO_LARGE; the sink's own */
gboolean streamer_form_reader_feed (StreamerFormReader *self,
                                    const void *data,
                                    gsize length,
                                    GError **error);

/** To be called behind the last bytes. Errors: STREAMER_ERROR_INVALID where the form is not whole */
gboolean streamer_form_reader_end (StreamerFormReader *self, GError **error);

/** Returns: (transfer none) (nullable): the value of the field, @name in lower case */
const char *streamer_form_reader_get_field (StreamerFormReader *self, const char *name);

G_END_DECLS
