#include "session/client/api_key.hpp"

#include <mistral/workflows/error.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace mistral::workflows::session {
namespace asio = boost::asio;

std::string checked_authorization(const std::string& key, const std::string& field) {
  if (key.empty()) throw invalid_argument(field, "must not be empty");
  for (const char c : key)
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f)
      throw invalid_argument(field, "holds a byte that no API key has (a space, a line end or another control byte)");
  return "Bearer " + key;
}

struct api_key_source::waiter {
  explicit waiter(const asio::any_io_executor& ex) : timer(ex, asio::steady_timer::time_point::max()) {}

  asio::steady_timer timer;
  bool told = false;  // only touched on the timer's executor
};

api_key_source::api_key_source(std::string fixed, client_options::key_supplier supplier)
    : supplier_(std::move(supplier)) {
  if (supplier_) return;
  valid_ = true;
  if (!fixed.empty())
    key_.authorization = std::make_shared<const std::string>(checked_authorization(fixed, "client_options.api_key"));
}

void api_key_source::reject(std::uint64_t rejected) {
  const std::lock_guard lock(mutex_);
  if (supplier_ && key_.generation == rejected) valid_ = false;
}

bool api_key_source::try_current(versioned_key& out) {
  if (!supplier_) {
    out = key_;  // never changes
    return true;
  }
  const std::lock_guard lock(mutex_);
  if (valid_) out = key_;
  return valid_;
}

asio::awaitable<versioned_key> api_key_source::current() {
  for (;;) {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    std::shared_ptr<waiter> other;
    {
      const std::lock_guard lock(mutex_);
      if (valid_) co_return key_;
      if (asking_) {
        other = std::make_shared<waiter>(executor);
        waiters_.push_back(other);
      } else {
        asking_ = true;
      }
    }
    if (!other) co_return co_await ask();
    boost::system::error_code failure;
    co_await other->timer.async_wait(asio::redirect_error(asio::use_awaitable, failure));
    if (!other->told) throw boost::system::system_error(failure);
  }
}

asio::awaitable<versioned_key> api_key_source::ask() {
  struct guard {
    api_key_source& source;
    ~guard() { source.finish_asking(); }
  } const finally{*this};

  std::string fresh = co_await supplier_();
  auto authorization =
      std::make_shared<const std::string>(checked_authorization(fresh, "the key from client_options.api_key_supplier"));
  const std::lock_guard lock(mutex_);
  key_.authorization = std::move(authorization);
  ++key_.generation;
  valid_ = true;
  co_return key_;
}

// Also when the supplier threw or was cancelled: the next waiter asks for itself.
void api_key_source::finish_asking() {
  std::vector<std::shared_ptr<waiter>> waiting;
  {
    const std::lock_guard lock(mutex_);
    asking_ = false;
    waiting.swap(waiters_);
  }
  for (std::shared_ptr<waiter>& w : waiting) {
    const asio::any_io_executor executor = w->timer.get_executor();
    asio::post(executor, [w = std::move(w)] {
      w->told = true;
      w->timer.cancel();
    });
  }
}

}  // namespace mistral::workflows::session
