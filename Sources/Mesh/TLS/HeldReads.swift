import NIOCore

/// What arrives between the end of the handshake and the moment when the protocol's own handlers stand in the pipeline.
///
/// No further bytes are read from the socket meanwhile, so it holds at most what one read had brought.
struct HeldReads {
    private var buffers: [ByteBuffer] = []
    /// What else the channel has told, or was asked for, meanwhile: handed on after the buffers.
    private var sawReadComplete = false
    private var sawInputClosed = false
    private var wantsRead = false

    mutating func append(_ buffer: ByteBuffer) {
        if buffer.readableBytes > 0 { buffers.append(buffer) }
    }

    mutating func noteReadComplete() { sawReadComplete = true }
    mutating func noteInputClosed() { sawInputClosed = true }
    mutating func noteRead() { wantsRead = true }

    /// Hands everything on, in order, to the handler after `context`'s.
    mutating func release(into context: ChannelHandlerContext) {
        let held = self
        self = HeldReads()
        for buffer in held.buffers { context.fireChannelRead(NIOAny(buffer)) }
        if held.sawReadComplete || !held.buffers.isEmpty { context.fireChannelReadComplete() }
        if held.sawInputClosed { context.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
        if held.wantsRead { context.read() }
    }
}
