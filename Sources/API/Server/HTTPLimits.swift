import Primitives

/// What one connection may cost.
package struct HTTPLimits: Equatable, Sendable {
    /// A connection with no request, or with one that does not arrive, is closed after this.
    package var idleMilliseconds: Int64
    /// From the first byte of a request to the end of its head.
    package var headMilliseconds: Int64 = 10_000
    /// How long what is left of a body that is not read is taken off the connection before that is closed.
    package var lingerMilliseconds: Int64 = 2000
    /// From the head of a request to the end of its body.
    package var bodyMilliseconds: Int64
    /// Of a body that holds objects.
    package var bodyBytes: Int
    /// Of all bodies of one key, and of all keys, that are in memory at once.
    package var bodyBytesPerKey = Limits.requestBodyBytes / 2 * 3
    package var bodyBytesInAll = 8 * Limits.requestBodyBytes
    /// Of every other body.
    package var smallBodyBytes: Int
    /// Bytes that the other side does not take for so long close the connection.
    package var stalledWriteMilliseconds: Int64
    /// A watch with nothing to say sends an empty line after this.
    package var heartbeatMilliseconds: Int64
    /// How often a watch looks whether nodes have fallen silent.
    package var silenceCheckMilliseconds: Int64
    /// How often a followed log asks for more.
    package var logPollMilliseconds: Int64
    /// Answers are rendered and written in pieces of about so many bytes.
    package var pieceBytes = 64 << 10
    /// Bytes that the node holds for all clients together that have not read them: 256 MiB.
    package var outputBytes = 256 << 20
    /// Of these, what may be held for one key.
    package var outputBytesOfKey = 128 << 20
    /// Bytes that the system keeps for a connection beyond those that its other side has room for.
    package var unsentBytes = 128 << 10
    /// What an answer that is rendered whole is taken to need before it is: 1 MiB.
    package var wholeAnswerBytes = 1 << 20
    /// A reader that takes nothing for so long may lose its connection when its room is needed.
    package var readerPatienceMilliseconds: Int64 = 1000

    package init(
        idleMilliseconds: Int64, bodyMilliseconds: Int64, bodyBytes: Int, smallBodyBytes: Int,
        stalledWriteMilliseconds: Int64,
        heartbeatMilliseconds: Int64, silenceCheckMilliseconds: Int64, logPollMilliseconds: Int64
    ) {
        self.idleMilliseconds = idleMilliseconds
        self.bodyMilliseconds = bodyMilliseconds
        self.bodyBytes = bodyBytes
        self.smallBodyBytes = smallBodyBytes
        self.stalledWriteMilliseconds = stalledWriteMilliseconds
        self.heartbeatMilliseconds = heartbeatMilliseconds
        self.silenceCheckMilliseconds = silenceCheckMilliseconds
        self.logPollMilliseconds = logPollMilliseconds
    }

    package static let standard = HTTPLimits(
        idleMilliseconds: 120_000, bodyMilliseconds: 60_000, bodyBytes: Limits.requestBodyBytes,
        smallBodyBytes: 32 << 10,
        stalledWriteMilliseconds: 60_000, heartbeatMilliseconds: 15_000, silenceCheckMilliseconds: 1000,
        logPollMilliseconds: 250)
}
