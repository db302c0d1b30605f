/* streamer-digest.c: checksums of a whole source, read from its first byte to its last
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-digest.h"

#include <gnutls/crypto.h>

#include "streamer-hex.h"
#include "streamer-part-stream.h"

#define SHA256_LENGTH 32

void
streamer_digest_clear (StreamerDigest *digest)
{
  g_clear_pointer (&digest->sha256, g_free);
}

/* Reads @stream to its end. @hash: (nullable) */
static gboolean
read_all (StreamerPartStream *stream,
          gnutls_hash_hd_t hash,
          GCancellable *cancellable,
          GError **error)
{
  g_autofree char *buffer = g_malloc (STREAMER_IO_SIZE);
  gssize n;

  while ((n = g_input_stream_read (G_INPUT_STREAM (stream), buffer, STREAMER_IO_SIZE, cancellable,
                                   error)) > 0)
    {
      if (hash != NULL)
        gnutls_hash (hash, buffer, (size_t) n);
    }
  return n == 0;
}

static char *
end_sha256 (gnutls_hash_hd_t hash)
{
  guint8 bytes[SHA256_LENGTH];

  gnutls_hash_deinit (hash, bytes);
  return streamer_hex_encode (bytes, sizeof bytes);
}

gboolean
streamer_digest_read (StreamerDigest *digest,
                      StreamerSource *source,
                      gboolean wants_sha256,
                      GCancellable *cancellable,
                      GError **error)
{
  StreamerPlan plan = { .size = streamer_source_get_size (source), .n_parts = 1 };
  g_autoptr (StreamerPartStream) stream = NULL;
  g_autofree char *sha256 = NULL;
  gnutls_hash_hd_t hash = NULL;
  StreamerSlice slice;
  gboolean is_read;

  g_return_val_if_fail (plan.size != STREAMER_SIZE_UNKNOWN, FALSE);

  plan.part_size = MAX (plan.size, 1);
  if (!streamer_source_acquire (source, &plan, 1, &slice, cancellable, error))
    return FALSE;
  if (wants_sha256 && gnutls_hash_init (&hash, GNUTLS_DIG_SHA256) < 0)
    g_error ("GnuTLS has no SHA-256.");
  stream = streamer_part_stream_new (&slice, NULL, NULL);
  is_read = read_all (stream, hash, cancellable, error);
  if (hash != NULL)
    sha256 = end_sha256 (hash);
  streamer_source_release (source, 1);
  if (!is_read || !streamer_source_check (source, error))
    return FALSE;

  digest->size = plan.size;
  digest->crc32 = streamer_part_stream_get_crc32 (stream);
  digest->sha256 = g_steal_pointer (&sha256);
  return TRUE;
}
