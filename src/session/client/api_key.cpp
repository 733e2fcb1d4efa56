#include "session/client/api_key.hpp"

#include "net/common/asio_compat.hpp"
#include "net/common/gate.hpp"
#include "protocol/http/redact.hpp"

#include <mistral/workflows/error.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

namespace mistral::workflows::session {
namespace asio = boost::asio;

std::string checked_authorization(const std::string& key, const std::string& field,
                                  const std::string& told_by) {
  if (key.empty()) throw invalid_argument(field, told_by + "is empty");
  for (const char c : key)
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f)
      throw invalid_argument(
          field, told_by + "holds a byte that no API key has (a space, a line end or another control byte)");
  return "Bearer " + key;
}

namespace {

using authorization = std::shared_ptr<const std::string>;

// As redact() takes them: the longest first, as it may begin with another.
authorization together(const authorization& current, std::vector<authorization> others) {
  if (others.empty()) return current;
  others.push_back(current);
  std::sort(others.begin(), others.end(),
            [](const authorization& a, const authorization& b) { return a->size() > b->size(); });
  std::string out;
  for (const authorization& one : others) out += (out.empty() ? "" : "\n") + *one;
  return std::make_shared<const std::string>(std::move(out));
}

}  // namespace

// Asked once, for all who wait at the same time.
struct api_key_source::question {
  explicit question(asio::any_io_executor asker) : executor(std::move(asker)) {}

  const asio::any_io_executor executor;
  asio::cancellation_signal stop;  // touched on the executor
  // Guarded by the source's mutex:
  std::vector<std::shared_ptr<net::gate>> waiting;
  std::size_t interested = 0;
  std::exception_ptr failure;
};

api_key_source::api_key_source(std::string fixed, client_options::key_supplier supplier, std::string variable)
    : variable_(std::move(variable)) {
  shared_->supplier = std::move(supplier);
  if (shared_->supplier) return;
  shared_->valid = true;
  if (fixed.empty()) return;
  shared_->key.authorization =
      std::make_shared<const std::string>(checked_authorization(fixed, "client_options.api_key"));
  shared_->key.hidden = shared_->key.authorization;
}

void api_key_source::reject(std::uint64_t rejected) {
  const std::lock_guard lock(shared_->mutex);
  if (shared_->supplier && shared_->key.generation == rejected) shared_->valid = false;
}

void api_key_source::hide(std::string& text) const {
  std::shared_ptr<const std::string> hidden;
  {
    const std::lock_guard lock(shared_->mutex);
    hidden = shared_->key.hidden;
  }
  if (hidden) protocol::redact(text, *hidden);
}

bool api_key_source::try_current(versioned_key& out) {
  if (!shared_->supplier) {
    out = shared_->key;  // never changes
    return true;
  }
  const std::lock_guard lock(shared_->mutex);
  if (shared_->valid) out = shared_->key;
  return shared_->valid;
}

asio::awaitable<versioned_key> api_key_source::current() {
  const std::shared_ptr<shared> on = shared_;
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const auto told = std::make_shared<net::gate>();
  std::shared_ptr<question> pending;
  bool first = false;
  {
    const std::lock_guard lock(on->mutex);
    if (on->valid) co_return on->key;
    first = on->asked == nullptr;
    if (first) on->asked = std::make_shared<question>(executor);
    pending = on->asked;
    pending->waiting.push_back(told);
    ++pending->interested;
  }
  if (first) ask(on, pending);
  const std::tuple<boost::system::error_code> came = co_await told->async_wait(net::no_throw);
  if (std::get<0>(came)) {
    leave(*on, pending);
    throw boost::system::system_error(std::get<0>(came));
  }
  const std::lock_guard lock(on->mutex);
  if (pending->failure) std::rethrow_exception(pending->failure);
  co_return on->key;
}

// By itself: who waits may leave.
void api_key_source::ask(const std::shared_ptr<shared>& on, const std::shared_ptr<question>& what) {
  auto asking = [](std::shared_ptr<shared> of) -> asio::awaitable<std::string> {
    co_return co_await of->supplier();
  };
  asio::co_spawn(what->executor, asking(on),
                 asio::bind_cancellation_slot(what->stop.slot(),
                                              [on, what](std::exception_ptr failure, const std::string& key) {
                                                answered(*on, *what, std::move(failure), key);
                                              }));
}

void api_key_source::answered(shared& on, question& what, std::exception_ptr failure,
                              const std::string& key) {
  versioned_key fresh;
  if (!failure) {
    try {
      fresh.authorization = std::make_shared<const std::string>(
          checked_authorization(key, "client_options.api_key_supplier", "gave a key that "));
    } catch (...) {
      failure = std::current_exception();
    }
  }
  std::vector<std::shared_ptr<net::gate>> waiting;
  {
    const std::lock_guard lock(on.mutex);
    // A supplier that was left behind brings an older key than one that was asked later.
    const bool latest = on.asked.get() == &what || !on.asked;
    if (!failure && !on.valid && latest) {
      renew(on, std::move(fresh));
    }
    what.failure = std::move(failure);
    waiting.swap(what.waiting);
    if (on.asked.get() == &what) on.asked.reset();
  }
  for (const auto& one : waiting) one->open();
}

// A server may send back any key that it has seen.
void api_key_source::renew(shared& on, versioned_key fresh) {
  if (on.key.authorization) on.before.insert(on.before.begin(), on.key.authorization);
  if (on.before.size() > most_before) on.before.pop_back();
  fresh.generation = on.key.generation + 1;
  fresh.hidden = together(fresh.authorization, on.before);
  on.key = std::move(fresh);
  on.valid = true;
}

void api_key_source::leave(shared& on, const std::shared_ptr<question>& what) {
  {
    const std::lock_guard lock(on.mutex);
    if (--what->interested > 0) return;
    if (on.asked == what) on.asked.reset();
  }
  asio::post(what->executor, [what] { what->stop.emit(asio::cancellation_type::terminal); });
}

}  // namespace mistral::workflows::session
