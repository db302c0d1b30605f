/* s3-fixture.h: an S3 client before a scripted store
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "script-server.h"
#include "streamer-s3-client.h"

G_BEGIN_DECLS

#define S3_FIXTURE_ACCESS_KEY "AKIDEXAMPLE"
#define S3_FIXTURE_SECRET_KEY "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define S3_FIXTURE_REGION     "eu-central-1"

/**
 * S3Fixture:
 *
 * The bucket is `bucket`, in the path; keys are below `pre`.
 */
typedef struct
{
  ScriptServer *server;
  StreamerS3Client *client;
  StreamerHttp *http;
} S3Fixture;

typedef void (*S3FixtureFunc) (S3Fixture *fixture, gconstpointer data);

void s3_fixture_add (const char *path, S3FixtureFunc func);
void s3_fixture_add_data (const char *path, gconstpointer data, S3FixtureFunc func);

/** Other keys than the fixture's, from @provider. */
void s3_fixture_use_provider (S3Fixture *fixture, StreamerS3CredentialsProvider *provider);

/** Appends an answer with @headers, whole lines, and @body. */
void s3_fixture_answer (S3Fixture *fixture, guint status, const char *headers, const char *body);
/** Appends S3's `Error`. @more: elements beside `Code` */
void s3_fixture_refuse (S3Fixture *fixture, guint status, const char *code, const char *more);

/** The request line is @line, and what arrived is what was signed, by these keys. */
void s3_fixture_assert_request (S3Fixture *fixture, guint index, const char *line);
void s3_fixture_assert_signed (S3Fixture *fixture,
                               guint index,
                               StreamerS3Credentials *credentials,
                               const char *region);
/** @value: (nullable): NULL where there must be none */
void
s3_fixture_assert_header (S3Fixture *fixture, guint index, const char *name, const char *value);

G_END_DECLS
