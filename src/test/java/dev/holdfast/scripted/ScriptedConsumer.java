package dev.holdfast.scripted;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.MessageProperties;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.scripted.ScriptedLink.Received;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A consumer as the scripted broker sees it: the requests that started it, its channel and its tag. */
record ScriptedConsumer(
        ScriptedLink link, int channel, String tag, BasicMethods.Qos qos, BasicMethods.Consume request) {
    /** The tag of a consumer whose basic.consume leaves the name to the broker. */
    static final String GENERATED_TAG = "amq.ctag-1";

    /** Answers the basic.qos and the basic.consume of a start, and waits until the client has completed it. */
    static ScriptedConsumer start(ScriptedLink link, CompletableFuture<?> starting) throws Exception {
        ScriptedConsumer consumer = answer(link);
        starting.get(10, TimeUnit.SECONDS);
        return consumer;
    }

    /** Answers the basic.qos and the basic.consume of a start. */
    static ScriptedConsumer answer(ScriptedLink link) {
        BasicMethods.Qos qos = link.answerQos();
        Received<BasicMethods.Consume> consume = link.expect(BasicMethods.Consume.class);
        String requested = consume.method().consumerTag();
        String tag = requested.isEmpty() ? GENERATED_TAG : requested;
        consume.reply(new BasicMethods.ConsumeOk(tag));
        return new ScriptedConsumer(link, consume.channel(), tag, qos, consume.method());
    }

    /** Delivers a message whose body is this text. */
    void deliver(long deliveryTag, MessageProperties properties, String body) {
        deliver(deliveryTag, properties, body.getBytes(UTF_8));
    }

    /** Delivers a message. */
    void deliver(long deliveryTag, MessageProperties properties, byte[] body) {
        BasicMethods.Deliver deliver = new BasicMethods.Deliver(tag, deliveryTag, false, "", request.queue());
        link.sendContent(channel, deliver, properties, body);
    }
}
