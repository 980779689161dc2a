package dev.holdfast.internal.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.ConnectFailedException;
import dev.holdfast.PublishOptions;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One random schedule of events of user, broker, network and clock, each allowed at its moment. It runs on one thread
 * and with its own clock, so that the seed determines it.
 */
final class ModelSchedule {
    /** Seeds that follow each other would begin with nearly the same random numbers. */
    private static final long SPREAD = 0x9E3779B97F4A7C15L;

    private static final int STEPS = 60;
    private static final int MAX_CHANNELS = 4;

    /** Numbers of random events that are faults. */
    private static final int FIRST_FAULT = 64;

    private static final int LAST_FAULT = 78;

    private final Random random;
    private final ModelClient client;
    private final ModelCloses closes;
    private final ModelOptions generator;
    private final boolean threaded;
    private boolean publishing = true;

    /** @param trace gets a line for each event; null: none are written */
    ModelSchedule(long seed, @Nullable StringBuilder trace) {
        random = new Random(seed * SPREAD);
        generator = new ModelOptions(random);
        client = new ModelClient(random, generator, trace);
        closes = new ModelCloses(client);
        threaded = generator.nacking || client.chance(5);
    }

    void run() {
        int steps = STEPS + 20 * client.channels.size();
        for (client.step = 0; client.step < steps; client.step++) {
            if (threaded && client.chance(10)) {
                publishOnThread();
            }
            client.threads.run(this::randomEvent);
            if (client.chance(50)) {
                client.threads.run(client::runLoop);
            }
        }
        publishing = false;
        if (client.chance(70)) {
            finishMessages();
        }
        client.threads.run(this::close);
        assertThat(client.threads.isEmpty()).as("no publisher waits").isTrue();
        client.log.close();
        ModelOutcomes.checkAll(client);
        assertThat(client.log.bytes().used()).as("retained bytes at the end").isZero();
        assertThat(client.allocator.metric().usedDirectMemory())
                .as("memory at the end")
                .isZero();
        client.embedded.close();
    }

    private void randomEvent() {
        int which = random.nextInt(100);
        if (generator.nacking && which >= FIRST_FAULT && which <= LAST_FAULT && client.chance(90)) {
            confirm();
        } else if (which < 33) {
            publish();
        } else if (which < 53) {
            confirm();
        } else if (which < 57) {
            returnOne();
        } else if (which < FIRST_FAULT) {
            advanceClock(random.nextInt(client.chance(20) ? 12_000 : 1500));
        } else if (which < 67) {
            client.loseLink(new AmqpConnectionException("lost", null, 0, Initiator.NETWORK, true));
        } else if (which < 69) {
            closes.closeForExchange();
        } else if (which < 71) {
            cancel();
        } else if (which < 74) {
            toggleWritability();
        } else if (which < 75) {
            client.anyOf(client.channels).publisher.pause(client.chance(50) ? "paused" : null);
        } else if (which < 77) {
            client.block(client.chance(50));
        } else if (which < 80) {
            client.declarations.answer(random.nextInt(4) == 0);
        } else if (which < 82) {
            rareEvent();
        } else {
            advanceConnection();
        }
    }

    private void rareEvent() {
        ModelChannel channel = client.anyOf(client.channels);
        switch (random.nextInt(5)) {
            case 4 -> client.threads.interrupt();
            case 0 -> closes.closeForDeclaration();
            case 1 -> channel.beginClose();
            case 2 -> {
                if (client.channels.size() > 1 && channel.mayClose() && (channel.isIdle() || client.chance(20))) {
                    channel.close();
                }
            }
            default -> {
                if (client.channels.size() < MAX_CHANNELS) {
                    client.addChannel();
                }
            }
        }
    }

    private void publish() {
        ModelMessage message = newMessage(generator.next(client.messages.size()));
        message.future = message.channel.publish(message);
        published(message);
    }

    private void publishOnThread() {
        ModelMessage message = newMessage(generator.nextOnThread(client.messages.size()));
        message.waited = true;
        if (client.threads.mayStart(message)) {
            client.threads.publish(message, this::published);
        } else {
            client.messages.remove(message);
        }
    }

    private ModelMessage newMessage(PublishOptions options) {
        ModelChannel channel = client.anyOf(client.channels);
        ModelMessage.Poison poison =
                client.refusesImmediate && options.immediate() ? ModelMessage.Poison.CONNECTION : generator.poison();
        ModelMessage message = new ModelMessage(
                channel, client.messages.size(), options, generator.size(), poison, client.clock.nanoTime());
        client.messages.add(message);
        message.tooLarge = generator.largeHeader(options);
        if (client.isTraced()) {
            client.trace("publish " + message);
        }
        return message;
    }

    private void published(ModelMessage message) {
        message.future.whenComplete((result, error) -> {
            message.completed(result, error, client.step);
            if (client.isTraced()) {
                client.trace("outcome " + message);
            }
            if (publishing && client.chance(5)) {
                publish(); // code that depends on a future may publish, on any channel
            }
        });
    }

    private void confirm() {
        List<ModelChannel> possible =
                client.channels.stream().filter(ModelChannel::hasUnconfirmed).toList();
        if (!possible.isEmpty()) {
            client.anyOf(possible).confirms.confirm();
        }
    }

    private void returnOne() {
        ModelChannel channel = client.anyOf(client.channels);
        if (channel.isOpen()) {
            channel.confirms.returnOne();
        }
    }

    private void advanceClock(long millis) {
        client.trace(millis + " ms pass");
        client.clock.advance(millis, TimeUnit.MILLISECONDS);
        client.threads.recheckLimits();
        if (client.chance(80)) {
            client.runLoop();
        }
    }

    /** The next step of the connection: connects, fails to connect, or opens a channel. */
    private void advanceConnection() {
        if (closes.reportPoison()) {
            return;
        }
        if (client.link != null) {
            client.anyOf(client.channels).continueOpening();
            return;
        }
        int how = random.nextInt(100);
        if (how < 60) {
            client.linkUp();
            client.channels.forEach(ModelChannel::continueOpening);
        } else if (how < 97) {
            client.trace("connect round fails");
            ConnectFailedException cause = new ConnectFailedException("no", null, true);
            client.publishers().forEach(publisher -> publisher.recovery().roundFailed(cause));
        } else {
            client.trace("login refused");
            ConnectFailedException cause = new ConnectFailedException("never", null, false);
            client.publishers().forEach(publisher -> publisher.recovery().refused(cause));
        }
    }

    private void cancel() {
        if (!client.messages.isEmpty()) {
            ModelMessage message = client.anyOf(client.messages);
            message.cancelled |= !message.waiting && message.future.cancel(false);
        }
    }

    private void toggleWritability() {
        if (client.link != null) {
            client.link.writable = !client.link.writable;
            if (client.link.writable) {
                client.log.writable();
            }
        }
    }

    /** Without faults, every message must get its outcome. */
    private void finishMessages() {
        client.step++;
        client.trace("no more faults");
        client.threads.run(() -> client.pauseAll(null));
        for (int round = 0;
                outstanding() > 0
                        || !client.threads.isEmpty()
                        || !client.channels.stream().allMatch(ModelChannel::isOpen);
                round++) {
            assertThat(round)
                    .as("rounds until all outcomes are known: %s, %s", client.channels, client.messages)
                    .isLessThan(200);
            client.threads.run(this::finishRound);
        }
        finishRound();
        for (ModelChannel channel : client.channels) {
            PublishState state = channel.publisher.state;
            assertThat(state.window.span()).isZero();
            assertThat(state.delayedRetries).isZero();
            assertThat(state.stopAndWaitActive && state.closeCause == null)
                    .as("stop-and-wait is active")
                    .isFalse();
            assertThat(state.pendingDeclares).isEmpty();
        }
        assertThat(client.log.isFull()).isFalse();
        assertThat(client.log.waitingPublishers().isEmpty()).isTrue();
        assertThat(client.messages).allMatch(message -> message.future.isDone());
        assertThat(client.log.bytes().used())
                .as("retained bytes when idle")
                .isLessThanOrEqualTo(ModelOptions.MAX_SEGMENT_BYTES);
    }

    private int outstanding() {
        return client.channels.stream()
                .mapToInt(channel -> channel.publisher.state.outstanding())
                .sum();
    }

    private void finishRound() {
        boolean unused = closes.reportPoison();
        if (client.link == null) {
            client.linkUp();
        }
        client.block(false);
        client.link.writable = true;
        client.log.writable();
        client.runLoop();
        client.channels.forEach(ModelChannel::continueOpening);
        while (client.declarations.arePending()) {
            client.declarations.answer(false);
        }
        client.runLoop();
        for (ModelChannel channel : client.channels) {
            if (channel.hasUnconfirmed()) {
                channel.confirms.ackAll();
            }
        }
        client.clock.advance(500, TimeUnit.MILLISECONDS);
        client.runLoop();
    }

    private void close() {
        client.trace("close");
        AmqpConnectionException lost = new AmqpConnectionException("lost", null, 0, Initiator.NETWORK, true);
        if (client.chance(50)) {
            client.loseLink(lost);
        }
        for (ModelChannel channel : List.copyOf(client.channels)) {
            channel.close();
        }
        client.runLoop();
        if (client.link != null && client.chance(50)) {
            client.link.writable = true; // only the channels were closed: the log is still sent
            client.log.writable();
        }
        client.loseLink(lost);
    }
}
