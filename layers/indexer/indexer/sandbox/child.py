"""One child process, seen from its parent: started, talked to, ended without a trace."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from indexer.errors import TransientJobError
from indexer.observability import logger
from indexer.sandbox import forking
from indexer.sandbox.channel import Channel, ChannelClosed
from indexer.sandbox.entry import OUT_OF_MEMORY
from indexer.sandbox.limits import ChildLimits
from indexer.sandbox.wire import MessageRefused

Message = TypeVar("Message", bound=tuple[Any, ...])

SEND_SECONDS: Final = 10.0
END_SECONDS: Final = 2.0
CHECK_SECONDS: Final = 0.25
LOGGED_BYTES: Final = 4096
# What Rust and tree-sitter write before they abort for want of memory.
MEMORY_WORDS: Final = (b"memory allocation of", b"failed to allocate", b"MemoryError")


class ChildFailed(TransientJobError):
    """A child process did not do what it was asked."""

    code = "child_failed"


class ChildCrashed(ChildFailed):
    """A child ended without its answer: by `signal`, or with exit status `status`."""

    code = "child_crashed"

    def __init__(self, *, signal_number: int | None, status: int | None) -> None:
        how = f"signal {signal_number}" if signal_number else f"exit status {status}"
        super().__init__(f"a child process ended with {how} before its work was done")
        self.signal_number, self.status = signal_number, status


class ChildTimedOut(ChildFailed):
    """A child used up its time, by the clock or of the processor, and was ended."""

    code = "child_timed_out"

    def __init__(self) -> None:
        super().__init__("a child process used up its time")


class ChildOutOfMemory(ChildFailed):
    """A child needed more memory than it may have."""

    code = "child_out_of_memory"

    def __init__(self) -> None:
        super().__init__("a child process needed more memory than its limit")


class ChildMisbehaved(ChildFailed):
    """A child sent what cannot be a message of ours, and was ended."""

    code = "child_misbehaved"

    def __init__(self) -> None:
        super().__init__("a child process sent something that is no answer")


class Child:
    """A process of its own session that serves `target`, "package.module:function".

    The function gets its end of the channel and returns when it is done. The child, with whatever
    it starts, ends with the `with` block, and when this process dies in whatever way.
    """

    def __init__(self, target: str, *, limits: ChildLimits, directory: str = "/") -> None:
        self.target = target
        ours, theirs = socket.socketpair()
        errors, their_errors = os.pipe()
        # A child that floods its stderr fills the pipe and no more: nobody has to drain it.
        os.set_blocking(their_errors, False)
        os.set_blocking(errors, False)
        self._channel = Channel(ours, message_bytes=limits.message_bytes)
        self._errors = errors
        self._said: bytes | None = None
        try:
            self._process = forking.fork(
                target, limits=limits, directory=directory, channel=theirs, errors=their_errors
            )
        except BaseException:
            os.close(errors)
            ours.close()
            raise
        finally:
            theirs.close()
            os.close(their_errors)

    @property
    def pid(self) -> int:
        """The child's process id, which is also its session's and its group's."""
        return self._process.pid

    def send(self, message: tuple[Any, ...], *, timeout: float = SEND_SECONDS) -> None:
        """Send a NamedTuple to the child.

        Raises:
            ChildCrashed, ChildOutOfMemory: it is gone.
            ChildTimedOut: it did not take the message within `timeout` seconds.
        """
        try:
            self._channel.send(message, timeout=timeout)
        except TimeoutError:
            self.kill()
            raise ChildTimedOut from None
        except ChannelClosed:
            raise self._why_it_ended() from None

    def receive(self, *kinds: type[Message], timeout: float) -> Message:
        """The child's next message, one of `kinds`. After an error the child is no more.

        Raises:
            ChildCrashed, ChildOutOfMemory: it ended instead of answering.
            ChildTimedOut: no message within `timeout` seconds, or its processor time is used up.
            ChildMisbehaved: it sent something else.
        """
        try:
            return self._channel.receive(*kinds, timeout=timeout)
        except TimeoutError:
            self.kill()
            raise ChildTimedOut from None
        except MessageRefused:
            self.kill()
            raise ChildMisbehaved from None
        except ChannelClosed:
            raise self._why_it_ended() from None

    def await_message(self, check: Callable[[], None], *, timeout: float) -> None:
        """Return when the child says something or has ended.

        `check` is called first of all, and again and again while waiting.

        What `check` raises is passed on, and the child goes on until the `with` block ends it.

        Raises:
            ChildTimedOut: nothing came within `timeout` seconds.
        """
        deadline = time.monotonic() + timeout
        check()
        while not self._channel.readable(within=CHECK_SECONDS):
            check()
            if time.monotonic() >= deadline:
                self.kill()
                raise ChildTimedOut

    def kill(self) -> None:
        """End the child and all it started, at once. May be called again."""
        self._end(patience=0)

    def close(self) -> None:
        """Close the channel, give a child that is about to leave a moment, then end it."""
        self._channel.close()
        self._end(patience=END_SECONDS)

    def _end(self, *, patience: float) -> None:
        if self._said is not None:
            return
        if patience:
            with contextlib.suppress(forking.NotEnded):
                self._process.wait(patience)
        self._process.kill()
        status = self._process.wait()
        self._channel.close()
        self._said = self._take_errors()
        if self._said:
            logger.warning(
                "a child process wrote to its stderr",
                target=self.target,
                status=status,
                stderr=self._said[-LOGGED_BYTES:].decode("utf-8", "backslashreplace"),
            )

    def _take_errors(self) -> bytes:
        pieces = []
        with open(self._errors, "rb", buffering=0) as stream:  # noqa: PTH123 - a descriptor
            while piece := stream.read(LOGGED_BYTES):
                pieces.append(piece)
        return b"".join(pieces)

    def _why_it_ended(self) -> ChildFailed:
        self._end(patience=END_SECONDS)
        status = self._process.wait()
        said = self._said or b""
        if status == -signal.SIGXCPU:
            return ChildTimedOut()
        if status == OUT_OF_MEMORY or (status and any(one in said for one in MEMORY_WORDS)):
            return ChildOutOfMemory()
        if status < 0:
            return ChildCrashed(signal_number=-status, status=None)
        return ChildCrashed(signal_number=None, status=status)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # After an error nobody waits for the child to finish what it does.
        if kind is None:
            self.close()
        else:
            self.kill()
