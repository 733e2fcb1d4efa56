// Writes an event stream as its source yields events: SSE text in
// chunks, comments while nothing comes, and what faults do to it.
// Not where the events come from: that is an item_source.
#pragma once

#include "testing/server/connection/connection.hpp"

namespace mistral::workflows::testing {

class stream_writer {
 public:
  stream_writer(connection& to, std::unique_ptr<item_source> from, struck_fault fault);
  ~stream_writer();
  stream_writer(const stream_writer&) = delete;
  stream_writer& operator=(const stream_writer&) = delete;

  /// True: it ended as it should, and the connection may serve another request.
  boost::asio::awaitable<bool> run(head_writer head, bool http_1_0, bool keep);
  bool ended_well() const noexcept { return ended_well_; }

 private:
  enum class step { go_on, wait, finished };

  boost::asio::awaitable<void> open(head_writer head, bool keep);
  boost::asio::awaitable<void> misbehave();
  boost::asio::awaitable<step> write_ready();
  boost::asio::awaitable<void> wait_for_news();
  boost::asio::awaitable<void> put(std::string text);
  boost::asio::awaitable<void> put_raw(std::string bytes);
  boost::asio::awaitable<void> put_cut(std::string text, ending how);
  boost::asio::awaitable<void> finish();
  bool over() const noexcept { return over_ || to_.gone(); }

  connection& to_;
  std::shared_ptr<watch> seen_;
  std::unique_ptr<item_source> from_;
  struck_fault fault_;
  const fault::plan& plan_;
  bool chunked_ = true;
  bool opened_ = false;
  bool over_ = false;  ///< nothing more is to be written
  bool ended_well_ = false;
  bool text_put_ = false;
  bool paused_ = false;
  int events_ = 0;
  std::size_t text_size_ = 0;  ///< of the stream, without framing
  std::size_t raw_size_ = 0;   ///< of all that was written, head and framing too
  boost::asio::steady_timer::time_point last_write_;
};

}  // namespace mistral::workflows::testing
