#include "net/connect/name_cache.hpp"

#include "net/common/failure.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <system_error>

namespace mistral::workflows::net {

name_cache::name_cache(std::string host, resolve_function look_up, clock_function now)
    : host_(std::move(host)), look_up_(std::move(look_up)), now_(std::move(now)) {
  error_code not_an_address;
  const auto literal = asio::ip::make_address(host_, not_an_address);
  if (not_an_address) return;
  found_.push_back(literal);
  for_ever_ = true;
}

name_cache::answer name_cache::ask() {
  answer result;
  bool start = false;
  {
    const std::lock_guard lock(mutex_);
    if (for_ever_ || (!found_.empty() && now_() < good_until_)) {
      result.known = found_;
      return result;
    }
    result.ready = std::make_shared<gate>();
    std::erase_if(waiting_,
                  [](const auto& left) { return left.use_count() == 1; });  // of those who were cancelled
    waiting_.push_back(result.ready);
    const auto now = now_();
    start = !asking_ || now - asked_at_ >= patience;
    asking_ = true;
    if (start) asked_at_ = now;
  }
  if (start) begin();
  return result;
}

// What cannot begin has failed: whoever waits is told, and the next who asks tries again.
void name_cache::begin() {
  try {
    look_up_(host_, [self = shared_from_this()](error_code why, addresses found) {
      self->done(why, std::move(found));
    });
  } catch (const std::system_error& problem) {
    done(error_code(problem.code()), addresses());
  } catch (...) {
    done(asio::error::no_recovery, addresses());
  }
}

void name_cache::done(error_code why, addresses found) {
  std::vector<std::shared_ptr<gate>> waiting;
  {
    const std::lock_guard lock(mutex_);
    asking_ = false;
    why_ = why;
    found_ = why ? addresses() : std::move(found);
    good_until_ = now_() + kept;
    waiting.swap(waiting_);
  }
  for (const auto& one : waiting) one->open();
}

name_cache::addresses name_cache::result() const {
  const std::lock_guard lock(mutex_);
  if (!found_.empty()) return found_;
  std::string reason = why_ ? why_.message() : std::string("it has no address");
  if (why_ == boost::system::errc::resource_unavailable_try_again)
    reason = "no thread could be started for the look-up (" + reason + ")";
  throw failure(why_ ? why_ : make_error_code(error::host_not_found),
                "cannot resolve \"" + host_ + "\": " + reason);
}

}  // namespace mistral::workflows::net
