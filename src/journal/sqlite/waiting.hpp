// Where a coroutine waits until the journal's thread is done with what it asked for.
// Carries no value: that lies beside it, written before the wait ends.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>

#include <list>
#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>

namespace mistral::workflows::journal_sqlite {

/// Who waits in one context, kept also by those who end a wait:
/// the context may be gone by then, and its waiters with it.
class waiting_room;

/// One wait, which `end` ends once, from any thread. The one who waits is resumed on its own executor,
/// and destroyed with its context, as with every operation of Asio's. Cancellation does not end it.
class waiting : public std::enable_shared_from_this<waiting> {
 public:
  waiting();
  ~waiting();
  waiting(const waiting&) = delete;
  waiting& operator=(const waiting&) = delete;

  /// Once. `then_ask()` is called when `end` may be called.
  template <typename Ask, typename Token>
  auto async_wait(Ask then_ask, Token&& token) {
    return boost::asio::async_initiate<Token, void()>(
        begin_wait<Ask>(shared_from_this(), std::move(then_ask)), token);
  }

  void end() noexcept;

 private:
  friend class waiting_room;

  struct pending {
    virtual ~pending() = default;
    virtual void resume() = 0;

    std::list<std::shared_ptr<waiting>>::iterator place;
  };

  template <typename Handler, typename Executor>
  struct pending_handler final : pending {
    pending_handler(Handler waiter, const Executor& executor)
        : handler(std::move(waiter)),
          work(boost::asio::prefer(executor, boost::asio::execution::outstanding_work.tracked)) {}
    void resume() override { boost::asio::post(work, std::move(handler)); }

    Handler handler;
    std::decay_t<decltype(boost::asio::prefer(std::declval<const Executor&>(),
                                              boost::asio::execution::outstanding_work.tracked))>
        work;
  };

  template <typename Ask>
  class begin_wait {
   public:
    begin_wait(std::shared_ptr<waiting> self, Ask then_ask)
        : self_(std::move(self)), ask_(std::move(then_ask)) {}
    template <typename Handler>
    void operator()(Handler&& handler) {
      const auto executor = boost::asio::get_associated_executor(handler);
      auto one = std::make_unique<pending_handler<std::decay_t<Handler>, std::decay_t<decltype(executor)>>>(
          std::forward<Handler>(handler), executor);
      if (self_->enter(std::move(one), boost::asio::query(executor, boost::asio::execution::context))) ask_();
    }

   private:
    std::shared_ptr<waiting> self_;
    Ask ask_;
  };

  std::shared_ptr<waiting_room> room_;
  std::unique_ptr<pending> pending_;  // under the room's mutex

  /// Whether there is a wait: not where the context is ending.
  bool enter(std::unique_ptr<pending> one, boost::asio::execution_context& context);
};

}  // namespace mistral::workflows::journal_sqlite
