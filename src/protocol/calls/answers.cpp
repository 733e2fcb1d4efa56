#include "protocol/calls/answers.hpp"

#include <string_view>

namespace mistral::workflows::protocol {
namespace {

enum class time_named { yes, any };

struct answer_rule {
  int status;             // 0: any
  std::string_view code;  // "*": any; "": none
  time_named retry_after;
  fate says;
};

using enum fate;

// The first rule that fits holds; an answer that none fits is lasting.
// clang-format off
constexpr answer_rule answers[] = {
    // status, code, Retry-After, what it says
    {425, "*",       time_named::any, not_done},  // too early: refused by the edge in front of the service
    {429, "*",       time_named::any, not_done},  // refused at the door
    {503, "",        time_named::yes, not_done},  // from a load balancer: the service names a code
    {503, "WF_1200", time_named::any, in_doubt},  // a schedule's failure, which passes with this status only
    {0,   "WF_1104", time_named::any, lasting},   // registration failed
    {0,   "WF_1105", time_named::any, lasting},   // execution missing
    {0,   "WF_1200", time_named::any, lasting},   // schedule failed
    {0,   "WF_1300", time_named::any, lasting},   // platform client
    {0,   "WF_1301", time_named::any, lasting},   // platform client
    {0,   "WF_1302", time_named::any, lasting},   // payload encoding required
    {0,   "WF_1400", time_named::any, lasting},   // streaming
    {0,   "WF_1500", time_named::any, lasting},   // trace
    {408, "*",       time_named::any, in_doubt},  // the request took too long to come
    {500, "*",       time_named::any, in_doubt},  // no code, 1000 (unknown), 1103 (platform request), 1600 (event store)
    {502, "*",       time_named::any, in_doubt},
    {503, "*",       time_named::any, in_doubt},
    {504, "*",       time_named::any, in_doubt},  // no code, or 1103
    {520, "*",       time_named::any, in_doubt},  // from here on: the edge, about the service behind it
    {521, "*",       time_named::any, in_doubt},
    {522, "*",       time_named::any, in_doubt},
    {523, "*",       time_named::any, in_doubt},
    {524, "*",       time_named::any, in_doubt},
    {529, "*",       time_named::any, in_doubt},
    {530, "*",       time_named::any, in_doubt},
};
// clang-format on

// A body that was not read may hold a code: it is not one without.
bool names(const attempt_outcome& o, std::string_view code) {
  return code == "*" || (code == o.code && !(code.empty() && o.unread));
}

bool fits(const answer_rule& rule, const attempt_outcome& o) {
  return (rule.status == 0 || rule.status == o.status) && names(o, rule.code) &&
         (rule.retry_after == time_named::any || o.retry_after.has_value());
}

}  // namespace

fate fate_of(const attempt_outcome& o) {
  if (o.permanent) return lasting;
  if (o.reached == reach::not_sent) return not_done;
  if (o.reached == reach::sent) return in_doubt;
  for (const answer_rule& rule : answers)
    if (fits(rule, o)) return rule.says;
  return lasting;
}

server_action may_have_acted(const attempt_outcome& outcome) {
  if (outcome.reached == reach::not_sent) return server_action::no;
  // Of an answer that broke off, the head may have said it.
  if (outcome.status >= 200 && outcome.status < 300) return server_action::yes;
  if (outcome.reached == reach::sent) return server_action::unknown;
  if (fate_of(outcome) == not_done) return server_action::no;
  return outcome.status >= 500 || outcome.status == 408 ? server_action::unknown : server_action::no;
}

}  // namespace mistral::workflows::protocol
