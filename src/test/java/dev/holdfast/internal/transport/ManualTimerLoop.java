package dev.holdfast.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * An event loop whose only timer fires when the test says so, so that the test does not depend on the speed of the
 * machine.
 */
final class ManualTimerLoop {
    private static final long NEVER = TimeUnit.DAYS.toNanos(1);

    private final EventLoop real;
    private Runnable task = () -> {
        throw new AssertionError("no timer is scheduled");
    };
    private Duration delay = Duration.ZERO;
    private int timers;

    ManualTimerLoop(EventLoop real) {
        this.real = real;
    }

    EventLoop loop() {
        return (EventLoop) Proxy.newProxyInstance(
                EventLoop.class.getClassLoader(), new Class<?>[] {EventLoop.class}, this::invoke);
    }

    private Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
        if (method.getName().equals("schedule") && arguments[0] instanceof Runnable timerTask) {
            return schedule(timerTask, Duration.of((Long) arguments[1], ((TimeUnit) arguments[2]).toChronoUnit()));
        }
        try {
            return method.invoke(real, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private synchronized ScheduledFuture<?> schedule(Runnable timerTask, Duration after) {
        task = timerTask;
        delay = after;
        timers++;
        return real.schedule(() -> {}, NEVER, TimeUnit.NANOSECONDS);
    }

    /** Fires the timer, whose delay must be this long. */
    synchronized void fire(Duration expectedDelay) {
        assertThat(timers).as("timers").isOne();
        assertThat(delay).isEqualTo(expectedDelay);
        real.execute(task);
    }
}
