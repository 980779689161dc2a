package dev.holdfast.internal.observe;

import dev.holdfast.Address;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.AmqpException;
import dev.holdfast.ConnectionListener;
import dev.holdfast.ReplyCode;
import dev.holdfast.internal.concurrent.SerialExecutor;
import dev.holdfast.internal.concurrent.UserCallbacks;
import dev.holdfast.internal.transport.Link;
import io.netty.util.concurrent.Ticker;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/**
 * Reports what happens to a connection to the user's listener, to Flight Recorder and to the log.
 *
 * <p>Links open, close and block on the event loop; every other event may be reported from any thread.
 */
public final class ConnectionEvents {
    private static final System.Logger LOG = System.getLogger("dev.holdfast");
    private static final boolean FLIGHT_RECORDER = hasFlightRecorder();

    /** So many blocks are worth a line at once, and then one a second: a broker may send them without an end. */
    private static final long BLOCKS_AT_ONCE = 10;

    private static final long BLOCK_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Events that wait for the listener; beyond, those that may come without an end are not told to it. */
    private static final int MOST_EVENTS = 1024;

    private final @Nullable ConnectionListener listener;
    private final SerialExecutor executor;
    private final long slowNanos;
    private final Ticker clock;

    private volatile long connects;
    private volatile long blockedNanos;
    private volatile long blockedSince;
    private volatile @Nullable String blockedBy;

    /** Event loop only: the rounds that failed since the last link. */
    private int failures;

    /** Event loop only: until when the blocks that were logged have used up what may be. */
    private long logged;

    /** Event loop only: a line told of the present block, so that one tells of its end. */
    private boolean blockLogged;

    /** Event loop only: the listener heard of the present block, and so hears of its end. */
    private boolean blockTold;

    private volatile boolean slownessTold;

    /** @param executor where the listener is called */
    public ConnectionEvents(@Nullable ConnectionListener listener, Executor executor, Duration slow, Ticker clock) {
        this.listener = listener;
        this.executor = new SerialExecutor(executor);
        this.slowNanos = slow.toNanos();
        this.clock = clock;
        this.logged = clock.nanoTime();
    }

    /** Reports to the log alone. */
    public static ConnectionEvents withoutListener() {
        return new ConnectionEvents(null, Runnable::run, Duration.ofDays(1), Ticker.systemTicker());
    }

    /** Until somebody records, no class of the events is loaded: they would only slow the first connect. */
    private static boolean isRecorded() {
        return FLIGHT_RECORDER && FlightRecorder.isInitialized();
    }

    /** An optional module: absent from a runtime image, or from a module path that nobody asked to have it. */
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
        return Duration.ofNanos(blockedNanos + (blockedBy == null ? 0 : clock.nanoTime() - blockedSince));
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // written by the event loop alone
    public void connected(Link link) {
        Address address = link.address();
        connects++;
        LOG.log(connects == 1 && failures == 0 ? Level.DEBUG : Level.INFO, "connected to {0}", address);
        failures = 0;
        if (isRecorded()) {
            JfrEvents.connect(address.toString());
        }
        tell(each -> each.connected(address));
    }

    /** The first round that fails is worth a warning; those that follow while the broker is away are not. */
    public void connectFailed(AmqpException cause) {
        LOG.log(failures++ == 0 ? Level.WARNING : Level.DEBUG, "no broker can be reached: {0}", cause.getMessage());
        tell(each -> each.connectFailed(cause));
    }

    /**
     * Reports the end of a link.
     *
     * @param link null for a link that opened too late to be used: its opening was not reported either
     */
    public void closed(@Nullable Link link, AmqpConnectionException cause) {
        unblocked();
        if (link == null) {
            return;
        }
        Address address = link.address();
        Level level = isClean(cause) ? Level.DEBUG : Level.WARNING;
        LOG.log(level, "link to {0} is gone: {1}", address, cause.getMessage());
        if (isRecorded()) {
            JfrEvents.close(address.toString(), cause);
        }
        tell(each -> each.closed(address, cause));
    }

    private static boolean isClean(AmqpConnectionException cause) {
        return cause.initiator() == Initiator.CLIENT && cause.replyCode() <= ReplyCode.REPLY_SUCCESS.code();
    }

    public void blocked(String reason) {
        if (blockedBy == null) {
            blockedSince = clock.nanoTime();
        }
        blockedBy = reason;
        boolean worthALine = mayLogBlock();
        blockLogged |= worthALine;
        LOG.log(worthALine ? Level.WARNING : Level.DEBUG, "blocked by the broker: {0}", reason);
        blockTold |= tellIfRoom(each -> each.blocked(reason));
    }

    private boolean mayLogBlock() {
        long now = clock.nanoTime();
        long ahead = Math.max(0, logged - now);
        if (ahead > (BLOCKS_AT_ONCE - 1) * BLOCK_NANOS) {
            return false;
        }
        logged = now + ahead + BLOCK_NANOS;
        return true;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // written by the event loop alone
    public void unblocked() {
        String reason = blockedBy;
        if (reason == null) {
            return;
        }
        Duration time = Duration.ofNanos(clock.nanoTime() - blockedSince);
        blockedNanos += time.toNanos();
        blockedBy = null;
        LOG.log(blockLogged ? Level.INFO : Level.DEBUG, "no longer blocked by the broker, after {0}", time);
        blockLogged = false;
        if (isRecorded()) {
            JfrEvents.blocked(reason, time);
        }
        if (blockTold) {
            blockTold = false;
            tell(each -> each.unblocked(time));
        }
    }

    public void retrying(AmqpException cause, Duration delay) {
        if (isRecorded()) {
            JfrEvents.retry(cause, delay);
        }
        boolean unused = tellIfRoom(each -> each.retrying(cause, delay));
    }

    public void replayed(int messages) {
        if (isRecorded()) {
            JfrEvents.replay(messages);
        }
        boolean unused = tellIfRoom(each -> each.replayed(messages));
    }

    /** Whether confirms must be timed: nobody pays for it otherwise. */
    public boolean timesConfirms() {
        return listener != null || (isRecorded() && JfrEvents.wantsSlowConfirms());
    }

    public boolean isSlow(long nanos) {
        return nanos > slowNanos;
    }

    public void slowConfirm(String exchange, long nanos) {
        Duration latency = Duration.ofNanos(nanos);
        if (isRecorded()) {
            JfrEvents.slowConfirm(exchange, latency);
        }
        boolean unused = tellIfRoom(each -> each.slowConfirm(exchange, latency));
    }

    /** Whether it is told: a listener may be slower than what happens, and memory has its bounds. */
    private boolean tellIfRoom(Consumer<ConnectionListener> event) {
        if (listener == null) {
            return false;
        }
        if (executor.waiting() < MOST_EVENTS) {
            tell(event);
            return true;
        }
        if (!slownessTold) {
            slownessTold = true;
            LOG.log(
                    Level.WARNING,
                    "the listener is too slow: {0} events wait for it, and it is not told of all that follow",
                    MOST_EVENTS);
        }
        return false;
    }

    private void tell(Consumer<ConnectionListener> event) {
        ConnectionListener told = listener;
        if (told != null) {
            UserCallbacks.run(executor, () -> event.accept(told));
        }
    }
}
