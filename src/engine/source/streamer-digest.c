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

/* @hash: (nullable) */
static gboolean
read_part (StreamerDigest *digest,
           StreamerSource *source,
           const StreamerPlan *plan,
           guint number,
           gnutls_hash_hd_t hash,
           GCancellable *cancellable,
           GError **error)
{
  g_autoptr (StreamerPartStream) stream = NULL;
  StreamerSlice slice;
  gboolean is_read;

  if (!streamer_source_acquire (source, plan, number, &slice, cancellable, error))
    return FALSE;
  stream = streamer_part_stream_new (&slice, NULL, NULL);
  is_read = read_all (stream, hash, cancellable, error);
  streamer_source_release (source, number);
  if (!is_read || !streamer_source_check (source, error))
    return FALSE;

  digest->size = slice.length;
  digest->crc32 = streamer_part_stream_get_crc32 (stream);
  return TRUE;
}

gboolean
streamer_digest_read (StreamerDigest *digest,
                      StreamerSource *source,
                      gboolean wants_sha256,
                      GCancellable *cancellable,
                      GError **error)
{
  StreamerPlan plan = { .size = streamer_source_get_size (source), .n_parts = 1 };
  g_autofree char *sha256 = NULL;
  gnutls_hash_hd_t hash = NULL;
  gboolean is_read;

  g_return_val_if_fail (plan.size != STREAMER_SIZE_UNKNOWN, FALSE);

  plan.part_size = MAX (plan.size, 1);
  if (wants_sha256 && gnutls_hash_init (&hash, GNUTLS_DIG_SHA256) < 0)
    g_error ("GnuTLS has no SHA-256.");
  is_read = read_part (digest, source, &plan, 1, hash, cancellable, error);
  if (hash != NULL)
    sha256 = end_sha256 (hash);
  if (is_read)
    digest->sha256 = g_steal_pointer (&sha256);
  return is_read;
}

gboolean
streamer_digest_read_part (StreamerDigest *digest,
                           StreamerSource *source,
                           const StreamerPlan *plan,
                           guint number,
                           GCancellable *cancellable,
                           GError **error)
{
  return read_part (digest, source, plan, number, NULL, cancellable, error);
}
