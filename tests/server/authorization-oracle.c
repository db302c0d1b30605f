/* authorization-oracle.c: what the documents say about who may do what
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "authorization-oracle.h"

#include <string.h>

const OracleAction oracle_actions[] = {
  { "capabilities", 2, SUBJECT_NONE, 0, EFFECT_NONE, FALSE, FALSE },
  { "begin", 2, SUBJECT_KEY, RIGHT_CREATE, EFFECT_BEGUN, TRUE, TRUE },
  { "presign", 2, SUBJECT_UPLOAD, RIGHT_CREATE, EFFECT_NONE, FALSE, FALSE },
  { "parts", 2, SUBJECT_UPLOAD, RIGHT_CREATE, EFFECT_NONE, FALSE, FALSE },
  { "finish", 2, SUBJECT_UPLOAD, RIGHT_CREATE, EFFECT_STORED, FALSE, TRUE },
  { "cancel", 2, SUBJECT_UPLOAD, RIGHT_CREATE, EFFECT_ENDED, FALSE, TRUE },
  { "stat", 2, SUBJECT_KEY, 0, EFFECT_NONE, FALSE, TRUE },
  { "remove", 2, SUBJECT_KEY, RIGHT_REMOVE, EFFECT_REMOVED, FALSE, TRUE },
  { "link", 2, SUBJECT_KEY, RIGHT_LINK, EFFECT_NONE, FALSE, FALSE },
  { "create", 1, SUBJECT_KEY, RIGHT_CREATE, EFFECT_BEGUN, TRUE, FALSE },
  { "geturl", 1, SUBJECT_PART_NAME, RIGHT_CREATE, EFFECT_NONE, FALSE, FALSE },
  { "geturls", 1, SUBJECT_KEY, RIGHT_CREATE, EFFECT_NONE, TRUE, FALSE },
  { "add", 1, SUBJECT_UPLOAD, RIGHT_CREATE, EFFECT_ADDED, FALSE, FALSE },
  { "complete", 1, SUBJECT_UPLOAD, RIGHT_CREATE, EFFECT_STORED, FALSE, FALSE },
  { "delete", 1, SUBJECT_STAGED, 0, EFFECT_DISCARDED, FALSE, FALSE },
  { "abort", 1, SUBJECT_UPLOAD, RIGHT_CREATE, EFFECT_ENDED, FALSE, FALSE },
  { "purge", 1, SUBJECT_KEY, RIGHT_REMOVE, EFFECT_REMOVED, FALSE, FALSE },
};
const guint oracle_n_actions = G_N_ELEMENTS (oracle_actions);

static const struct
{
  const char *code;
  guint status;
  guint old_status; /* in version 1 */
} statuses[] = {
  { "invalid", 400, 400 },   { "auth", 401, 401 },      { "forbidden", 403, 403 },
  { "not_found", 404, 404 }, { "no_upload", 404, 404 }, { "exists", 409, 401 },
};

static const struct
{
  gboolean is_good;
  gboolean is_provided;
} bearers[N_BEARERS] = {
  [BEARER_RIGHT] = { TRUE, FALSE },
  [BEARER_RIGHT_IN_LOWER_CASE] = { TRUE, FALSE },
  [BEARER_JWT] = { TRUE, TRUE },
  [BEARER_JWT_EXPIRED] = { FALSE, TRUE },
  [BEARER_JWT_FOR_OTHERS] = { FALSE, TRUE },
  [BEARER_JWT_OF_OTHERS] = { FALSE, TRUE },
  [BEARER_JWT_UNSIGNED] = { FALSE, TRUE },
  [BEARER_JWT_CHANGED] = { FALSE, TRUE },
  [BEARER_GATEWAY] = { TRUE, TRUE },
  [BEARER_GATEWAY_EXPIRED] = { FALSE, TRUE },
  [BEARER_GATEWAY_OF_OTHERS] = { FALSE, TRUE },
};

gboolean
oracle_bearer_is_provided (OracleBearer bearer)
{
  return bearers[bearer].is_provided;
}

static OracleVerdict
refuse (const OracleCase *asked, const char *code)
{
  for (gsize i = 0; i < G_N_ELEMENTS (statuses); i++)
    if (strcmp (statuses[i].code, code) == 0)
      return (OracleVerdict){ .code = code,
                              .status = asked->action->version == 1 ? statuses[i].old_status
                                                                    : statuses[i].status };
  g_assert_not_reached ();
}

static OracleVerdict
allow (const OracleCase *asked)
{
  return (OracleVerdict){ .status = 200,
                          .effect = asked->action->effect,
                          .tells_link = (asked->rights & RIGHT_LINK) != 0 };
}

/* Segment by segment: the key's first ones are those of the prefix. */
static gboolean
is_within (const char *key, const char *prefix)
{
  g_auto (GStrv) keys = g_strsplit (key, "/", -1);
  g_auto (GStrv) wanted = g_strsplit (prefix, "/", -1);

  for (gsize i = 0; wanted[i]; i++)
    if (!keys[i] || strcmp (keys[i], wanted[i]) != 0)
      return FALSE;
  return TRUE;
}

/* `/` is everything, and never comes from a claim. */
static gboolean
has_folder (const OracleCase *asked, const char *prefix)
{
  return *prefix || !bearers[asked->bearer].is_provided;
}

static gboolean
may (const OracleCase *asked, guint rights, const char *key)
{
  if ((asked->rights & rights) != rights)
    return FALSE;
  for (gsize i = 0; asked->prefixes[i]; i++)
    if (has_folder (asked, asked->prefixes[i]) &&
        (*asked->prefixes[i] == '\0' || is_within (key, asked->prefixes[i])))
      return TRUE;
  return FALSE;
}

static gboolean
has_any_folder (const OracleCase *asked)
{
  for (gsize i = 0; asked->prefixes[i]; i++)
    if (has_folder (asked, asked->prefixes[i]))
      return TRUE;
  return FALSE;
}

static OracleVerdict
judge_key (const OracleCase *asked)
{
  guint rights = asked->action->rights;
  OracleReplace replace = asked->action->replaces ? asked->replace : REPLACE_NO;
  gboolean is_form = strcmp (asked->action->name, "geturls") == 0;

  if (!asked->is_canonical)
    return refuse (asked, "invalid");
  /* A form replaces where its token may, unless it is said; an upload only where it is said. */
  if (replace == REPLACE_UNSAID)
    replace = is_form && (asked->rights & RIGHT_OVERWRITE) ? REPLACE_YES : REPLACE_NO;
  if (replace == REPLACE_YES)
    rights |= RIGHT_OVERWRITE;
  if (!may (asked, rights, asked->key))
    return refuse (asked, "forbidden");
  if (asked->action->replaces && asked->exists && replace == REPLACE_NO)
    return refuse (asked, "exists");
  if (!asked->exists &&
      (asked->action->effect == EFFECT_REMOVED || strcmp (asked->action->name, "link") == 0))
    return refuse (asked, "not_found");
  return allow (asked);
}

static OracleVerdict
judge_upload (const OracleCase *asked)
{
  const OracleAction *action = asked->action;
  guint rights = action->rights | (asked->upload_replaces ? RIGHT_OVERWRITE : 0);

  if (asked->upload != UPLOAD_OWN && asked->upload != UPLOAD_ENDED &&
      asked->upload != UPLOAD_OTHER_VERSION)
    return refuse (asked, "no_upload");
  if (!may (asked, rights, asked->upload_key))
    return refuse (asked, "forbidden");
  if (asked->upload == UPLOAD_OTHER_VERSION)
    return refuse (asked, "invalid");
  if (asked->upload == UPLOAD_ENDED)
    {
      OracleVerdict same = allow (asked);

      if (action->effect != EFFECT_ENDED)
        return refuse (asked, "no_upload");
      same.effect = EFFECT_NONE;
      return same;
    }
  if (action->effect == EFFECT_ADDED && asked->staged != STAGED_OWN)
    return refuse (asked, "not_found");
  if (action->effect == EFFECT_STORED && asked->upload_exists && !asked->upload_replaces)
    return refuse (asked, "exists");
  return allow (asked);
}

static OracleVerdict
judge_staged (const OracleCase *asked)
{
  OracleVerdict verdict = allow (asked);

  /* Whatever is called `tmp/…` is a name that one has given oneself. */
  if ((asked->staged == STAGED_DOCUMENT && !g_str_has_prefix (asked->key, "tmp/")) ||
      asked->staged == STAGED_FOREIGN_BY_KEY)
    return refuse (asked, "forbidden");
  /* Somebody else's name of a part stands for nothing here, and what is not there is gone. */
  if (asked->staged == STAGED_FOREIGN || asked->staged == STAGED_DOCUMENT)
    verdict.effect = EFFECT_NONE;
  return verdict;
}

OracleVerdict
oracle_judge (const OracleCase *asked)
{
  if (!bearers[asked->bearer].is_good)
    return refuse (asked, "auth");
  if (!has_any_folder (asked) && bearers[asked->bearer].is_provided)
    return refuse (asked, "forbidden");
  if (asked->breaks_request)
    return refuse (asked, "invalid");
  switch (asked->action->subject)
    {
    case SUBJECT_KEY:
      return judge_key (asked);
    case SUBJECT_UPLOAD:
      return judge_upload (asked);
    case SUBJECT_STAGED:
      return judge_staged (asked);
    case SUBJECT_PART_NAME:
      return (asked->rights & asked->action->rights) == asked->action->rights
                 ? allow (asked)
                 : refuse (asked, "forbidden");
    case SUBJECT_NONE:
      break;
    }
  return allow (asked);
}
