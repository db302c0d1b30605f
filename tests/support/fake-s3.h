/* fake-s3.h: a bucket in memory
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define FAKE_S3_BUCKET     "bucket"
#define FAKE_S3_REGION     "eu-central-1"
#define FAKE_S3_ACCESS_KEY "AKIDEXAMPLE"
#define FAKE_S3_SECRET_KEY "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

/**
 * FakeS3:
 *
 * Speaks enough of S3 for uploads, path style, on a thread of its own, and keeps what it is told,
 * except the bytes: of those it keeps the number and the MD5. Of presigned URLs it checks the
 * signature, the time, and that the headers which were signed came as they were.
 */
typedef struct _FakeS3 FakeS3;

typedef enum
{
  FAKE_S3_CREATE,
  FAKE_S3_PUT_PART,
  FAKE_S3_LIST_PARTS,
  FAKE_S3_COMPLETE,
  FAKE_S3_ABORT,
  FAKE_S3_PUT,
  FAKE_S3_HEAD,
  FAKE_S3_GET,
  FAKE_S3_DELETE,
  FAKE_S3_N_OPERATIONS,
} FakeS3Operation;

typedef enum
{
  /* No ETags, neither in answers to PUT nor in the list of parts. */
  FAKE_S3_NO_ETAGS = 1 << 0,
  /* If-None-Match is not looked at. */
  FAKE_S3_NO_CONDITIONS = 1 << 1,
  /* Uploads may be begun with the CRC-32 of the whole object, which is verified. */
  FAKE_S3_CRC32 = 1 << 2,
  /* The same, but each part has to bring its own, too. */
  FAKE_S3_CRC32_OF_PARTS = 1 << 3,
  /* Whoever speaks of checksums is refused. */
  FAKE_S3_REFUSES_CRC32 = 1 << 4,
  /* Everything is encrypted with a key of somebody's own: ETags look like MD5s, and are none. */
  FAKE_S3_KMS = 1 << 5,
} FakeS3Flags;

FakeS3 *fake_s3_new (void);
void fake_s3_free (FakeS3 *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FakeS3, fake_s3_free)

/** Returns: (transfer none): such as `http://127.0.0.1:4711` */
const char *fake_s3_get_url (FakeS3 *self);
void fake_s3_set_flags (FakeS3 *self, FakeS3Flags flags);
/** Parts that a page of a list has. */
void fake_s3_set_page (FakeS3 *self, guint n_parts);

/** The next @n of these operations do nothing, and answer @status with S3's `Error` in it. */
void
fake_s3_refuse (FakeS3 *self, FakeS3Operation operation, guint n, guint status, const char *code);
/** The next one of these operations is done, and the connection closed without an answer. */
void fake_s3_lose_answer (FakeS3 *self, FakeS3Operation operation);
/** Requests that come with this session token are refused as ExpiredToken. */
void fake_s3_expire_token (FakeS3 *self, const char *token);

/** Returns: how often it was asked for this */
guint fake_s3_count (FakeS3 *self, FakeS3Operation operation);
/** Returns: how many uploads are open */
guint fake_s3_count_uploads (FakeS3 *self);

/** @key: with the prefix. Returns: whether it is there */
gboolean fake_s3_find (FakeS3 *self, const char *key, guint64 *size);
/** Returns: (transfer full) (nullable): what the object was put with */
char *fake_s3_get_content_type (FakeS3 *self, const char *key);
/** Somebody else's object of @size bytes. */
void fake_s3_add (FakeS3 *self, const char *key, guint64 size);
void fake_s3_remove (FakeS3 *self, const char *key);
/** Says from now on that each part of open uploads has so many bytes more. */
void fake_s3_grow_parts (FakeS3 *self, gint64 bytes);
/** One byte of the next object or part changes on its way. */
void fake_s3_spoil (FakeS3 *self);
/** Forgets open uploads, as the bucket's rule does. */
void fake_s3_forget_uploads (FakeS3 *self);

G_END_DECLS
