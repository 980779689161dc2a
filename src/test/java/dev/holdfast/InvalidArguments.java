package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Asserts that a call throws {@link IllegalArgumentException} with the message of {@link Arguments}. */
final class InvalidArguments {
    private InvalidArguments() {}

    static void assertInvalid(ThrowingCallable call, String messageStart) {
        assertThatIllegalArgumentException().isThrownBy(call).withMessageStartingWith(messageStart);
    }
}
