package dev.holdfast;

/**
 * The wording of a close by the broker: {@code channel 3 closed by broker: 404 NOT_FOUND - no queue 'q' (queue.bind)}.
 */
final class CloseText {
    private CloseText() {}

    static String of(String what, int replyCode, String replyText, String failedMethod) {
        StringBuilder text =
                new StringBuilder(what).append(" closed by broker: ").append(replyCode);
        if (!replyText.isEmpty()) {
            text.append(' ').append(replyText);
        }
        if (!failedMethod.isEmpty()) {
            text.append(" (").append(failedMethod).append(')');
        }
        return text.toString();
    }
}
