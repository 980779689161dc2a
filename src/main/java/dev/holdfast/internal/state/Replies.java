package dev.holdfast.internal.state;

import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ExchangeMethods;
import dev.holdfast.internal.protocol.Method;

/** Which method answers which: the next number in the class, with two exceptions that the grammar made. */
public final class Replies {
    private Replies() {}

    /** Whether {@code reply} answers {@code request}. */
    public static boolean answers(Method request, Method reply) {
        if (request instanceof ExchangeMethods.Unbind) {
            return reply instanceof ExchangeMethods.UnbindOk;
        }
        if (request instanceof BasicMethods.Get && reply instanceof BasicMethods.GetEmpty) {
            return true;
        }
        return reply.id() == request.id() + 1;
    }
}
