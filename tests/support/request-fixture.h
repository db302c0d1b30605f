/* request-fixture.h: a request store between a scripted backend and a scripted bucket
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include "script-server.h"
#include "streamer-error.h"
#include "streamer-request-store.h"
#include "test-file.h"

G_BEGIN_DECLS

#define FIXTURE_TOKEN   "TOKEN-d41d8cd98f00"
#define FIXTURE_API_KEY "APIKEY-b204e9800998"

/* What a good backend says of itself. */
#define FIXTURE_CAPABILITIES                                                                       \
  "{\"version\": 2, \"server\": \"script\", \"min_part_size\": 1, \"max_part_size\": 5368709120,"  \
  " \"max_parts\": 10000, \"max_object_size\": 5497558138880, \"checksums\": [\"crc32\"],"         \
  " \"max_urls\": 100, \"max_items\": 100, \"unknown_size\": true, \"domain\": null}"

/**
 * RequestFixture:
 * @backend: takes the requests
 * @bucket: takes the parts
 * @file: what is uploaded
 * @upload: of @file, under the key `team-a/ä b.bin`
 */
typedef struct
{
  ScriptServer *backend;
  ScriptServer *bucket;
  StreamerSecrets *secrets;
  StreamerStore *store;
  StreamerHttp *http;
  TestFile *file;
  StreamerUpload *upload;
} RequestFixture;

RequestFixture *request_fixture_new (gsize size, guint64 part_size);
void request_fixture_free (RequestFixture *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RequestFixture, request_fixture_free)

/** The backend's next answer is 200 with @status, a JSON value. */
void request_fixture_answer (RequestFixture *self, const char *status);
/** The backend's next answers are its capabilities and a beginning without `put`. */
void request_fixture_answer_begin (RequestFixture *self);
/** The backend's next answer permits parts @first to @last, until @expires (nullable). */
void
request_fixture_answer_presign (RequestFixture *self, guint first, guint last, const char *expires);
/** The bucket's next answer is 200 with @etag. */
void request_fixture_take_part (RequestFixture *self, const char *etag);

/** Gets the capabilities and begins, as request_fixture_answer_begin() answers. */
void request_fixture_begin (RequestFixture *self);
/** Puts one part. */
gboolean request_fixture_put (RequestFixture *self,
                              guint number,
                              StreamerStoredPart *stored,
                              GError **error);

/** Puts one part, which has to succeed. @parts: (nullable): takes what was stored */
void request_fixture_put_ok (RequestFixture *self, guint number, GArray *parts);
/** Puts one part, which has to fail. */
void request_fixture_put_fails (RequestFixture *self, guint number, StreamerError code);

/** Returns: (transfer full): the body of request @index to the backend */
JsonObject *request_fixture_get_body (RequestFixture *self, guint index);
/** Returns: (transfer full): what request @index to the backend asked for */
char *request_fixture_get_action (RequestFixture *self, guint index);

G_END_DECLS
