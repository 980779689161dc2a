package dev.holdfast.internal.observe;

import dev.holdfast.Address;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.AmqpException;
import dev.holdfast.ConnectionListener;
import dev.holdfast.ReplyCode;
import dev.holdfast.internal.concurrent.SerialExecutor;
import dev.holdfast.internal.concurrent.UserCallbacks;
import dev.holdfast.internal.topology.RestoreRetries;
import dev.holdfast.internal.transport.Link;
import io.netty.util.concurrent.Ticker;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/**
 * Reports the events of a connection to the user's listener, to Flight Recorder and to the log.
 *
 * <p>Events of links, connect rounds and blocks are reported on the event loop, the others on any thread.
 */
public final class ConnectionEvents implements RestoreRetries.Reporter {
    private static final System.Logger LOG = System.getLogger("dev.holdfast");
    private static final boolean FLIGHT_RECORDER = hasFlightRecorder();

    /**
     * Log lines about blocks are limited to a burst of 10 and then one a second, because a broker may block and unblock
     * any number of times.
     */
    private static final long LOG_BURST = 10;

    private static final long LOG_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    /**
     * When this many events are queued for the listener, further events of blocks, retries, replays and slow confirms
     * are dropped, and of further events of links only the newest is kept.
     */
    private static final int MAX_QUEUED_EVENTS = 1024;

    private final @Nullable ConnectionListener listener;
    private final SerialExecutor executor;
    private final long slowConfirmNanos;
    private final Ticker clock;

    private volatile long connects;
    private volatile long blockedNanos;
    private volatile long blockedSince;
    private volatile @Nullable String blockReason;

    /** Connect rounds that failed since the last link. Event loop only. */
    private int failedRounds;

    /**
     * Time at which the full burst is available again (GCRA); each logged line moves it by one interval. Event loop
     * only.
     */
    private long logLimitFreeAt;

    /** The start of the current block was logged at WARNING, so its end is logged at INFO. Event loop only. */
    private boolean blockLogged;

    /** The listener was notified of the current block, so it is notified of its end. Event loop only. */
    private boolean blockNotified;

    /** The newest event of a link, if the queue was full at it or at one before it. */
    private final AtomicReference<@Nullable Consumer<ConnectionListener>> newestLinkEvent = new AtomicReference<>();

    private volatile boolean slowListenerLogged;

    /**
     * Creates the events of one connection.
     *
     * @param executor where the listener is called
     * @param slowConfirm a confirm that takes longer is reported
     */
    public ConnectionEvents(
            @Nullable ConnectionListener listener, Executor executor, Duration slowConfirm, Ticker clock) {
        this.listener = listener;
        this.executor = new SerialExecutor(executor);
        this.slowConfirmNanos = slowConfirm.toNanos();
        this.clock = clock;
        this.logLimitFreeAt = clock.nanoTime();
    }

    /** Creates events that are reported to the log and to Flight Recorder only. */
    public static ConnectionEvents withoutListener() {
        return new ConnectionEvents(null, Runnable::run, Duration.ofDays(1), Ticker.systemTicker());
    }

    /**
     * Whether Flight Recorder is initialized. Until then no event class is loaded, because that slows the first
     * connect.
     */
    private static boolean isRecorded() {
        return FLIGHT_RECORDER && FlightRecorder.isInitialized();
    }

    /**
     * jdk.jfr is an optional module: a runtime image may lack it, and a module graph contains it only when it is
     * required.
     */
    private static boolean hasFlightRecorder() {
        try {
            Module recorder = Class.forName("jdk.jfr.Event").getModule();
            return ConnectionEvents.class.getModule().canRead(recorder);
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }

    /** How many links were opened. Any thread. */
    public long connects() {
        return connects;
    }

    /** For how long the broker has blocked the connection, the present block included. Any thread. */
    public Duration blockedTime() {
        return Duration.ofNanos(blockedNanos + (blockReason == null ? 0 : clock.nanoTime() - blockedSince));
    }

    /** Reports an open link. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // written by the event loop only
    public void connected(Link link) {
        Address address = link.address();
        connects++;
        LOG.log(connects == 1 && failedRounds == 0 ? Level.DEBUG : Level.INFO, "connected to {0}", address);
        failedRounds = 0;
        if (isRecorded()) {
            JfrEvents.connect(address.toString());
        }
        notifyOfLink(target -> target.connected(address));
    }

    /**
     * Reports a failed connect round. Of consecutive failures of the network only the first is logged as a warning; a
     * refusal is logged each time.
     */
    public void connectFailed(AmqpException cause) {
        boolean refused =
                !cause.recoverable() || (cause.getCause() instanceof AmqpException refusal && !refusal.recoverable());
        Level level = failedRounds++ == 0 || refused ? Level.WARNING : Level.DEBUG;
        LOG.log(level, "no broker is reachable: {0}", cause.getMessage());
        notifyOfLink(target -> target.connectFailed(cause));
    }

    /**
     * Reports the end of a link.
     *
     * @param link null if the link opened too late to be used; then its opening was not reported either
     */
    public void closed(@Nullable Link link, AmqpConnectionException cause) {
        unblocked();
        if (link == null) {
            return;
        }
        Address address = link.address();
        Level level = isClean(cause) ? Level.DEBUG : Level.WARNING;
        LOG.log(level, "link to {0} closed: {1}", address, cause.getMessage());
        if (isRecorded()) {
            JfrEvents.close(address.toString(), cause);
        }
        notifyOfLink(target -> target.closed(address, cause));
    }

    private static boolean isClean(AmqpConnectionException cause) {
        return cause.initiator() == Initiator.CLIENT && cause.replyCode() <= ReplyCode.REPLY_SUCCESS.code();
    }

    /** Reports that the broker blocks the connection, or still blocks it for another reason. */
    public void blocked(String reason) {
        if (blockReason == null) {
            blockedSince = clock.nanoTime();
        }
        blockReason = reason;
        boolean warn = mayLogBlock();
        blockLogged |= warn;
        LOG.log(warn ? Level.WARNING : Level.DEBUG, "blocked by the broker: {0}", reason);
        blockNotified |= notifyIfNotFull(target -> target.blocked(reason));
    }

    private boolean mayLogBlock() {
        long now = clock.nanoTime();
        long backlog = Math.max(0, logLimitFreeAt - now);
        if (backlog > (LOG_BURST - 1) * LOG_INTERVAL_NANOS) {
            return false;
        }
        logLimitFreeAt = now + backlog + LOG_INTERVAL_NANOS;
        return true;
    }

    /** Reports the end of a block, if there is one. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // written by the event loop only
    public void unblocked() {
        String reason = blockReason;
        if (reason == null) {
            return;
        }
        Duration duration = Duration.ofNanos(clock.nanoTime() - blockedSince);
        blockedNanos += duration.toNanos();
        blockReason = null;
        LOG.log(blockLogged ? Level.INFO : Level.DEBUG, "no longer blocked by the broker, after {0}", duration);
        blockLogged = false;
        if (isRecorded()) {
            JfrEvents.blocked(reason, duration);
        }
        if (blockNotified) {
            blockNotified = false;
            notifyListener(target -> target.unblocked(duration));
        }
    }

    /** Reports that a message is published again after {@code delay}. */
    public void retrying(AmqpException cause, Duration delay) {
        if (isRecorded()) {
            JfrEvents.retry(cause, delay);
        }
        boolean unused = notifyIfNotFull(target -> target.retrying(cause, delay));
    }

    /** Reports that this number of messages was retransmitted on a new link. */
    public void replayed(int messages) {
        if (isRecorded()) {
            JfrEvents.replay(messages);
        }
        boolean unused = notifyIfNotFull(target -> target.replayed(messages));
    }

    @Override
    public void restoreRetrying(String item, int failures, AmqpException cause, Duration delay) {
        Level level = failures == 1 ? Level.WARNING : Level.DEBUG;
        LOG.log(level, "could not restore {0}, next attempt in {1}: {2}", item, delay, cause.getMessage());
        boolean unused = notifyIfNotFull(target -> target.restoreRetrying(item, cause, delay));
    }

    @Override
    public void restored(String item) {
        LOG.log(Level.INFO, "restored {0}", item);
        boolean unused = notifyIfNotFull(target -> target.restored(item));
    }

    @Override
    public void restoreGivenUp(String item, AmqpException cause) {
        LOG.log(Level.WARNING, "{0} is not restored: {1}", item, cause.getMessage());
        boolean unused = notifyIfNotFull(target -> target.restoreFailed(item, cause));
    }

    /** Whether slow confirms are reported. Otherwise the caller need not measure the latency of confirms. */
    public boolean timesConfirms() {
        return listener != null || (isRecorded() && JfrEvents.isSlowConfirmEnabled());
    }

    /** Whether a confirm that took {@code nanos} is to be reported as slow. */
    public boolean isSlow(long nanos) {
        return nanos > slowConfirmNanos;
    }

    /** Reports a slow confirm. */
    public void slowConfirm(String exchange, long nanos) {
        Duration latency = Duration.ofNanos(nanos);
        if (isRecorded()) {
            JfrEvents.slowConfirm(exchange, latency);
        }
        boolean unused = notifyIfNotFull(target -> target.slowConfirm(exchange, latency));
    }

    /** Notifies the listener unless {@link #MAX_QUEUED_EVENTS} wait for it; returns whether it was notified. */
    private boolean notifyIfNotFull(Consumer<ConnectionListener> event) {
        if (listener == null) {
            return false;
        }
        if (executor.waiting() < MAX_QUEUED_EVENTS) {
            notifyListener(event);
            return true;
        }
        logSlowListener();
        return false;
    }

    private void logSlowListener() {
        if (!slowListenerLogged) {
            slowListenerLogged = true;
            LOG.log(
                    Level.WARNING,
                    "the listener is too slow: {0} events wait for it, and some of the following are dropped",
                    MAX_QUEUED_EVENTS);
        }
    }

    /** Notifies the listener of the state of the link: the last event that it gets is always the newest. */
    private void notifyOfLink(Consumer<ConnectionListener> event) {
        if (listener != null && newestLinkEvent.getAndUpdate(newest -> newest == null ? null : event) != null) {
            return; // replaced one that waits
        }
        if (listener == null || executor.waiting() < MAX_QUEUED_EVENTS) {
            notifyListener(event);
            return;
        }
        logSlowListener();
        newestLinkEvent.set(event);
        notifyListener(target -> {
            Consumer<ConnectionListener> newest = newestLinkEvent.getAndSet(null);
            if (newest != null) {
                newest.accept(target);
            }
        });
    }

    private void notifyListener(Consumer<ConnectionListener> event) {
        ConnectionListener target = listener;
        if (target != null) {
            UserCallbacks.run(executor, () -> event.accept(target));
        }
    }
}
