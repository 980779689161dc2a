package dev.holdfast.internal.state;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Queue of the synchronous methods of a channel, of which at most one is in flight. Calls that set up the channel come
 * before the user's calls, which are sent only after {@link #ready()}.
 *
 * @param <C> a call: a request and what its reply completes
 */
public final class RpcQueue<C> {
    private final ArrayDeque<C> setup = new ArrayDeque<>();
    private final ArrayDeque<C> waiting = new ArrayDeque<>();
    private @Nullable C inFlight;
    private boolean ready;

    /** Adds a call that sets up the channel. */
    public void addSetup(C call) {
        setup.add(call);
    }

    /** Adds a call of the user. */
    public void add(C call) {
        waiting.add(call);
    }

    /** The number of the user's calls that were not sent yet. */
    public int waiting() {
        return waiting.size();
    }

    /** The channel is set up: the user's calls may be sent. */
    public void ready() {
        ready = true;
    }

    /** Whether the user's calls may be sent. */
    public boolean isReady() {
        return ready;
    }

    /** Returns the call to send now; null if one is in flight or none may be sent. */
    public @Nullable C next() {
        if (inFlight != null) {
            return null;
        }
        inFlight = setup.poll();
        if (inFlight == null && ready) {
            inFlight = waiting.poll();
        }
        return inFlight;
    }

    /** Returns the call that awaits its reply; null if there is none. */
    public @Nullable C inFlight() {
        return inFlight;
    }

    /** The reply arrived: the next call may be sent. */
    public void replied() {
        inFlight = null;
    }

    /** Removes a call that has not been sent. False: it was sent, or is not in the queue. */
    public boolean withdraw(C call) {
        return waiting.remove(call) || setup.remove(call);
    }

    /** The channel is lost and may be opened again: removes and returns the call in flight and those of its setup. */
    public List<C> channelLost() {
        ready = false;
        List<C> lost = new ArrayList<>(setup);
        setup.clear();
        if (inFlight != null) {
            lost.add(0, inFlight);
            inFlight = null;
        }
        return lost;
    }

    /** The channel is closed: removes and returns all calls. */
    public List<C> channelClosed() {
        List<C> all = channelLost();
        all.addAll(waiting);
        waiting.clear();
        return all;
    }
}
