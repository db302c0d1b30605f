/* fault-answer.c: what each fault does to a request and its answer
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * With the server's lock held.
 */

#include "fault-server-private.h"

#include <string.h>

/* More than an answer may have. */
#define HUGE (1024 * 1024 + 1024)
#define DEEP 100000

#define SLOW_SECONDS 60

static void
forget (FaultServer *self, gboolean only_a_part)
{
  for (guint i = 0; i < self->store->uploads->len; i++)
    {
      FaultUpload *upload = self->store->uploads->pdata[i];
      GTreeNode *first = g_tree_node_first (upload->parts);

      if (upload->whole)
        continue;
      if (upload->open && only_a_part && first != NULL)
        {
          fault_upload_lose (upload, GPOINTER_TO_UINT (g_tree_node_key (first)));
          g_tree_remove (upload->parts, g_tree_node_key (first));
        }
      else if (!only_a_part)
        upload->open = FALSE;
    }
}

static void
refuse (FaultRequest *request, guint status, const char *code, const char *s3_code)
{
  if (fault_request_is_api (request))
    fault_api_refuse (request, status, code, "As the script says.");
  else
    fault_s3_refuse (request, status, s3_code);
}

static void
answer_deep (FaultRequest *request)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < DEEP; i++)
    g_string_append (text, fault_request_is_api (request) ? "[" : "<a>");
  fault_request_answer (request, 200,
                        fault_request_is_api (request) ? "application/json" : "application/xml",
                        text->str);
}

static void
answer_expired (FaultRequest *request)
{
  if (fault_request_is_api (request))
    fault_request_answer (request, 401, "application/json",
                          "{\"message\": \"The incoming token has expired\"}");
  else if (fault_request_get (request, "X-Amz-Signature") != NULL)
    fault_s3_refuse (request, 403, "AccessDenied");
  else
    fault_s3_refuse (request, 400, "ExpiredToken");
}

/* Faults in place of what is asked for. Returns: whether it was one of these */
gboolean
fault_answer_instead (FaultRequest *request, const Fault *fault, ScriptStep *step)
{
  FaultServer *self = request->server;

  switch (fault->kind)
    {
    case FAULT_PORTAL:
      fault_request_answer (request, 200, "text/html",
                            "<!DOCTYPE html><html><body>Sign in.</body></html>");
      return TRUE;
    case FAULT_EARLY_BUSY:
    case FAULT_BUSY:
      g_string_append (request->headers, "Retry-After: 3\r\n");
      refuse (request, 503, "busy", "SlowDown");
      return TRUE;
    case FAULT_LIMITED:
      g_string_append (request->headers, "Retry-After: 7\r\n");
      refuse (request, 429, "limited", "TooManyRequests");
      return TRUE;
    case FAULT_FAILS:
      refuse (request, 500, "failed", "InternalError");
      return TRUE;
    case FAULT_ERROR_IN_200:
      refuse (request, 500, "busy", "InternalError");
      request->status = 200;
      return TRUE;
    case FAULT_REDIRECT:
      g_string_append (request->headers, "Location: http://127.0.0.1:1/elsewhere?a=b\r\n");
      fault_request_answer (request, fault->byte % 2 == 0 ? 302 : 307, NULL, "");
      return TRUE;
    case FAULT_HUGE:
      step->fill = HUGE;
      fault_request_answer (request, 200, "application/json", "{");
      return TRUE;
    case FAULT_DEEP:
      answer_deep (request);
      return TRUE;
    case FAULT_EXPIRED:
      answer_expired (request);
      return TRUE;
    case FAULT_TOKEN:
      fault_server_new_token (self);
      break;
    case FAULT_SKEWED:
      self->clock_offset = fault->byte % 2 == 0 ? 3600 : -3600;
      if (!fault_request_is_api (request) && fault_request_get (request, "X-Amz-Signature") == NULL)
        break;
      refuse (request, 403, "expired", "RequestTimeTooSkewed");
      return TRUE;
    case FAULT_FORGETS_PART:
    case FAULT_FORGETS_UPLOAD:
      forget (self, fault->kind == FAULT_FORGETS_PART);
      break;
    default:
      break;
    }
  return FALSE;
}

/* Faults in what becomes of the answer. */
void
fault_answer_spoil (FaultServer *self, const Fault *fault, ScriptStep *step)
{
  gsize length = strlen (step->answer);

  switch (fault->kind)
    {
    case FAULT_EARLY_BUSY:
    case FAULT_CLOSED:
      step->then = SCRIPT_CLOSE;
      break;
    case FAULT_RESET_ANSWER:
    case FAULT_STALL_ANSWER:
    case FAULT_TRUNCATED:
      step->cut = TRUE;
      step->sent = MIN (fault->byte, length - 1);
      step->then = fault->kind == FAULT_RESET_ANSWER   ? SCRIPT_RESET
                   : fault->kind == FAULT_STALL_ANSWER ? SCRIPT_STALL
                                                       : SCRIPT_CLOSE;
      break;
    case FAULT_LOST:
      step->cut = TRUE;
      step->then = fault->byte % 2 == 0 ? SCRIPT_RESET : SCRIPT_CLOSE;
      break;
    case FAULT_SLOW:
      step->slow = TRUE;
      self->seconds += SLOW_SECONDS;
      break;
    case FAULT_TWICE:
      {
        char *twice = g_strconcat (step->answer, step->answer, NULL);

        g_free ((char *) step->answer);
        step->answer = twice;
      }
      break;
    default:
      break;
    }
}

/* Faults before anything is done. Returns: whether it was one of these */
gboolean
fault_answer_not (FaultServer *self, const Fault *fault, ScriptStep *step)
{
  switch (fault->kind)
    {
    case FAULT_REFUSED:
      self->refusing = TRUE;
      step->then = SCRIPT_RESET;
      return TRUE;
    case FAULT_RESET_REQUEST:
      step->then = SCRIPT_RESET;
      return TRUE;
    case FAULT_STALL_REQUEST:
      step->then = SCRIPT_STALL;
      return TRUE;
    case FAULT_STALE:
      step->then = fault->byte % 2 == 0 ? SCRIPT_RESET : SCRIPT_CLOSE;
      return TRUE;
    case FAULT_GARBAGE:
      step->answer = g_strdup ("\x01\x02garbage, and no line of HTTP\r\n\r\n");
      step->then = SCRIPT_CLOSE;
      return TRUE;
    default:
      return FALSE;
    }
}
