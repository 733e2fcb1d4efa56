// The public face of the hub: options are checked, and awaitables made of waits.
#include <mistral/workflows/bulk/completions.hpp>

#include "bulk/common/completion_checks.hpp"
#include "bulk/completions/completion_hub.hpp"

#include <mistral/workflows/error.hpp>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace mistral::workflows {

namespace asio = boost::asio;

namespace {

using bulk_run::hub;
using bulk_run::hub_owner;
using owner_ptr = std::shared_ptr<hub_owner>;

std::uint64_t new_token() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

owner_ptr make_hub(client client, completions_options options) {
  if (!client.executor()) throw invalid_argument("client", "its execution context is gone", "completions");
  options = bulk_run::checked_waits(std::move(options), "completions_options", std::string());
  const auto made = std::make_shared<hub>(std::move(client), std::move(options));
  pull_gate::keep(made);
  return std::make_shared<hub_owner>(made);
}

/// An awaitable of what `begin(hub, token, wait)` begins. The hub stays open meanwhile.
template <class... Values, class Begin>
auto wait_of(owner_ptr owner, Begin begin) {
  auto initiate = [owner = std::move(owner), begin = std::move(begin)](auto handler) mutable {
    const std::uint64_t token = new_token();
    const auto found = owner ? owner->get() : nullptr;
    auto slot = asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected()) {
      slot.assign([weak = std::weak_ptr<hub>(found), token](asio::cancellation_type) {
        if (const auto here = weak.lock()) here->cancel(token);
      });
    }
    begin(found, token, bulk_run::make_pending<Values...>(std::move(handler), owner));
  };
  return asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr, Values...)>(
      std::move(initiate), asio::use_awaitable);
}

/// Of an owner whose io_context is gone, too.
[[noreturn]] void throw_closed_hub() { std::rethrow_exception(bulk_run::closed_failure()); }

}  // namespace

// ------------------------------------------------------------------------------------------------- expected

expected::expected() noexcept = default;
expected::expected(owner_ptr hub, std::uint64_t place) noexcept : hub_(std::move(hub)), place_(place) {}
expected::expected(expected&& other) noexcept
    : hub_(std::move(other.hub_)), place_(std::exchange(other.place_, 0)) {}

expected& expected::operator=(expected&& other) noexcept {
  if (this == &other) return *this;
  const expected goes(std::move(*this));
  hub_ = std::move(other.hub_);
  place_ = std::exchange(other.place_, 0);
  return *this;
}

expected::~expected() {
  const auto here = hub_ ? hub_->get() : nullptr;
  if (here) here->forget(place_);
}

void expected::started(std::string run_id, timestamp at) {
  const auto here = hub_ ? hub_->get() : nullptr;
  if (here) here->started(place_, std::move(run_id), at, false);
}

void expected::adopted(std::string run_id, timestamp at) {
  const auto here = hub_ ? hub_->get() : nullptr;
  if (here) here->started(place_, std::move(run_id), at, true);
}

asio::awaitable<completion> expected::wait() {
  auto begin = [place = place_, named = hub_ != nullptr](const std::shared_ptr<hub>& here,
                                                         std::uint64_t token,
                                                         std::unique_ptr<bulk_run::completion_wait> made) {
    if (here) return here->wait(place, token, std::move(made));
    const auto empty = [] {
      return std::make_exception_ptr(invalid_argument("wait", "called on an empty place"));
    };
    made->complete(named ? bulk_run::closed_failure() : empty(), completion());
  };
  return wait_of<completion>(hub_, std::move(begin));
}

// ---------------------------------------------------------------------------------------------- completions

completions::completions(client client, completions_options options)
    : hub_(make_hub(std::move(client), std::move(options))) {}
completions::completions(const completions&) = default;
completions::completions(completions&&) noexcept = default;
completions& completions::operator=(const completions&) = default;
completions& completions::operator=(completions&&) noexcept = default;
completions::~completions() = default;

asio::awaitable<void> completions::ready() {
  auto begin = [](const std::shared_ptr<hub>& here, std::uint64_t token,
                  std::unique_ptr<bulk_run::ready_wait> made) {
    if (here) return here->wait_ready(token, std::move(made));
    made->complete(bulk_run::closed_failure());
  };
  return wait_of<>(hub_, std::move(begin));
}

expected completions::expect(std::string execution_id) {
  const auto here = hub_ ? hub_->get() : nullptr;
  if (!here) throw_closed_hub();
  return expected(hub_, here->expect(std::move(execution_id)));
}

asio::awaitable<completion> completions::wait(std::string execution_id, std::string run_id) {
  auto begin = [id = std::move(execution_id), run = std::move(run_id)](
                   const std::shared_ptr<hub>& here, std::uint64_t token,
                   std::unique_ptr<bulk_run::completion_wait> made) mutable {
    if (here) return here->wait_alone(std::move(id), std::move(run), token, std::move(made));
    made->complete(bulk_run::closed_failure(), completion());
  };
  return wait_of<completion>(hub_, std::move(begin));
}

completions_stats completions::stats() const {
  const auto here = hub_ ? hub_->get() : nullptr;
  return here ? here->stats() : completions_stats();
}

void completions::close() {
  const auto here = hub_ ? hub_->get() : nullptr;
  if (here) here->shut();
}

}  // namespace mistral::workflows
