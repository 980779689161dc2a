package dev.holdfast.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** An event loop whose one timer goes off when the test says so: no machine is too slow to come to what is timed. */
final class HandTimedLoop {
    private static final long NEVER = TimeUnit.DAYS.toNanos(1);

    private final EventLoop real;
    private Runnable task = () -> {
        throw new AssertionError("nothing was timed");
    };
    private Duration delay = Duration.ZERO;
    private int timers;

    HandTimedLoop(EventLoop real) {
        this.real = real;
    }

    EventLoop loop() {
        return (EventLoop) Proxy.newProxyInstance(
                EventLoop.class.getClassLoader(), new Class<?>[] {EventLoop.class}, this::invoke);
    }

    private Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
        if (method.getName().equals("schedule") && arguments[0] instanceof Runnable timed) {
            return schedule(timed, Duration.of((Long) arguments[1], ((TimeUnit) arguments[2]).toChronoUnit()));
        }
        try {
            return method.invoke(real, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private synchronized ScheduledFuture<?> schedule(Runnable timed, Duration after) {
        task = timed;
        delay = after;
        timers++;
        return real.schedule(() -> {}, NEVER, TimeUnit.NANOSECONDS);
    }

    /** The time is over that was to be this long. */
    synchronized void goOff(Duration expected) {
        assertThat(timers).as("timers").isOne();
        assertThat(delay).isEqualTo(expected);
        real.execute(task);
    }
}
