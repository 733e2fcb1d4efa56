#include "protocol/calls/retry.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace mistral::workflows::protocol {
namespace {

/// What the end of an attempt says, whatever the operation.
enum class fate {
  lasting,   // another attempt would end like this one
  not_done,  // it may pass, and the server has not acted
  in_doubt,  // it may pass, and the server may have acted
};

enum class time_named { yes, any };

struct answer_rule {
  int status;             // 0: any
  std::string_view code;  // "*": any; "": none
  time_named retry_after;
  fate says;
};

using enum fate;

// The first rule that fits holds; an answer that none fits is lasting.
constexpr answer_rule answers[] = {
    // status, code, Retry-After, what it says
    {429, "*", time_named::any, not_done},        // refused at the door
    {503, "", time_named::yes, not_done},         // from a load balancer: the service names a code
    {503, "WF_1200", time_named::any, in_doubt},  // a schedule's failure, which passes with this status only
    {0, "WF_1104", time_named::any, lasting},     // registration failed
    {0, "WF_1105", time_named::any, lasting},     // execution missing
    {0, "WF_1200", time_named::any, lasting},     // schedule failed
    {0, "WF_1300", time_named::any, lasting},     // platform client
    {0, "WF_1301", time_named::any, lasting},     // platform client
    {0, "WF_1302", time_named::any, lasting},     // payload encoding required
    {0, "WF_1400", time_named::any, lasting},     // streaming
    {0, "WF_1500", time_named::any, lasting},     // trace
    {408, "*", time_named::any, in_doubt},        // the request took too long to come
    {500, "*", time_named::any, in_doubt},  // no code, 1000 (unknown), 1103 (platform request), 1600 (event store)
    {502, "*", time_named::any, in_doubt},       {503, "*", time_named::any, in_doubt},
    {504, "*", time_named::any, in_doubt},  // no code, or 1103
};

struct step_rule {
  fate says;
  next_step by_class[5];
};

using enum next_step;

constexpr step_rule steps[] = {
    //         read    repeatable ending keyed  once
    {lasting, {stop, stop, stop, stop, stop}},
    {not_done, {repeat, repeat, repeat, repeat, repeat}},
    {in_doubt, {repeat, repeat, look, look, stop}},
};

static_assert(static_cast<int>(safety::read) == 0 && static_cast<int>(safety::repeatable) == 1 &&
              static_cast<int>(safety::ending) == 2 && static_cast<int>(safety::keyed) == 3 &&
              static_cast<int>(safety::once) == 4);

bool fits(const answer_rule& rule, const attempt_outcome& o) {
  return (rule.status == 0 || rule.status == o.status) && (rule.code == "*" || rule.code == o.code) &&
         (rule.retry_after == time_named::any || o.retry_after.has_value());
}

fate fate_of(const attempt_outcome& o) {
  if (o.permanent) return lasting;
  if (o.reached == reach::not_sent) return not_done;
  if (o.reached == reach::sent) return in_doubt;
  for (const answer_rule& rule : answers)
    if (fits(rule, o)) return rule.says;
  return lasting;
}

// In the order in which they are told when several hold.
retry_end obstacle(const attempt_outcome& outcome, const retry_means& left) {
  if (outcome.retry_after && *outcome.retry_after > left.max_retry_after) return retry_end::retry_after;
  if (!left.attempts) return retry_end::attempts;
  if (outcome.retry_after && *outcome.retry_after > left.time) return retry_end::beyond_deadline;
  return left.budget ? retry_end::none : retry_end::budget;
}

}  // namespace

retry_decision decide(safety repeat_class, const attempt_outcome& outcome, const retry_means& left) {
  retry_decision out;
  out.step = steps[static_cast<std::size_t>(fate_of(outcome))].by_class[static_cast<std::size_t>(repeat_class)];
  if (out.step == stop) return out;
  out.not_before = outcome.retry_after;
  out.ended = obstacle(outcome, left);
  if (out.step == repeat && out.ended != retry_end::none) out.step = stop;
  out.at_once = out.step == repeat && outcome.stale;
  return out;
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
