/* s3-storage-fixture.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "fake-s3.h"
#include "streamer-http.h"
#include "streamer-storage-config.h"

#define PREFIX    "pre/fix"
#define PART_SIZE (5 * STREAMER_MIB)
/* Of an upload in two parts. */
#define TWO_PARTS (PART_SIZE + 100)

/**
 * S3StorageFixture: S3 storage before a bucket in memory
 */
typedef struct
{
  FakeS3 *s3;
  char *root; /* (owned): of the storage, where it remembers */
  StreamerSeal *seal;
  StreamerStorageConfig config; /* (owned) */
  StreamerStorage *storage;
  StreamerHttp *http;
} S3StorageFixture;

/* @data: whether it remembers uploads, as GINT_TO_POINTER() has it */
void s3_storage_fixture_set_up (S3StorageFixture *fixture, gconstpointer data);
void s3_storage_fixture_tear_down (S3StorageFixture *fixture, gconstpointer data);
/* Opens the storage again, as it is configured now. */
void s3_storage_fixture_restart (S3StorageFixture *fixture);

/* Adds a test: once with a memory, and once without. */
typedef void (*S3StorageTest) (S3StorageFixture *fixture, gconstpointer data);
void s3_storage_add (const char *name, S3StorageTest test);

/* (transfer full): as the request API makes it, of text/plain, not begun yet */
StreamerStorageUpload *make_upload (const char *key, guint64 size, gboolean overwrite);
/* (transfer full): begun, with a resume_id of its own */
StreamerStorageUpload *
begin (S3StorageFixture *fixture, const char *key, guint64 size, gboolean overwrite);

/* Sends @size bytes by a URL that is good for @signed_size of them. Returns: the status
 * @etag: (out) (optional) (transfer full): "" where there is none */
guint send_other (S3StorageFixture *fixture,
                  const StreamerStorageUpload *upload,
                  guint number,
                  guint64 signed_size,
                  guint64 size,
                  char **etag);
/* Sends a part that has to arrive. (transfer full): its ETag */
char *send_part (S3StorageFixture *fixture,
                 const StreamerStorageUpload *upload,
                 guint number,
                 guint64 size);
/* Sends all parts of an upload of known size. Returns: (transfer full): what a client knows of them */
GArray *send_all (S3StorageFixture *fixture, const StreamerStorageUpload *upload);

/* Finishes what has to go well. Returns: (transfer full) */
StreamerStorageObject *
finish (S3StorageFixture *fixture, const StreamerStorageUpload *upload, GArray *parts);
void assert_not_finished (S3StorageFixture *fixture,
                          const StreamerStorageUpload *upload,
                          GArray *parts,
                          int code);
void assert_object (S3StorageFixture *fixture, const char *key, guint64 size);
