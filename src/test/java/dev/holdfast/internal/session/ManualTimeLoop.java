package dev.holdfast.internal.session;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.ScheduledFuture;
import io.netty.util.concurrent.Ticker;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** An event loop whose clock stands still until the test advances it, and whose timers are recorded and never fire. */
final class ManualTimeLoop {
    private static final long NEVER_NANOS = TimeUnit.DAYS.toNanos(1);

    private final EventLoop real;
    private final MockTicker ticker = Ticker.newMockTicker();
    private final List<Duration> delays = new CopyOnWriteArrayList<>();

    ManualTimeLoop(EventLoop real) {
        this.real = real;
    }

    EventLoop loop() {
        return (EventLoop) Proxy.newProxyInstance(
                EventLoop.class.getClassLoader(), new Class<?>[] {EventLoop.class}, this::invoke);
    }

    void advance(Duration time) {
        ticker.advance(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** The delays of the timers that were scheduled so far. */
    List<Duration> delays() {
        return delays;
    }

    private Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
        if (method.getName().equals("ticker")) {
            return ticker;
        }
        if (method.getName().equals("schedule") && arguments[0] instanceof Runnable) {
            return schedule(Duration.of((Long) arguments[1], ((TimeUnit) arguments[2]).toChronoUnit()));
        }
        try {
            return method.invoke(real, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private ScheduledFuture<?> schedule(Duration delay) {
        delays.add(delay);
        return real.schedule(() -> {}, NEVER_NANOS, TimeUnit.NANOSECONDS);
    }
}
