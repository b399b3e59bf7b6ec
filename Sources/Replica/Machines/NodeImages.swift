import Fleet
import Manifest
import Primitives
import Reconcile

/// The images that machines of this node need: fetched when one needs them, and kept once.
struct NodeImages: Sendable {
    /// By the name of the `Image`; each was read from an object of that name.
    private(set) var images: [String: Copy] = [:]

    /// What is known of one image on this node.
    struct Copy: Sendable {
        /// The object as this node took it, and what the node holds of it; `fetching` exactly while an order is out.
        fileprivate(set) var image: NodeImage
        /// Fetches in a row that failed; 0 unless the last one did.
        fileprivate(set) var failures = 0
        /// Until when a fetch that failed is not tried again; nil if it did not fail, or may be tried.
        fileprivate(set) var notBefore: Instant?
    }

    private static let retries = Backoff(baseMilliseconds: 2000, capMilliseconds: 120_000)

    /// What plans are made with.
    var shelf: ImageShelf {
        ImageShelf(holdings: images.mapValues(\.image.holding), digests: images.mapValues(\.image.spec.digestHex))
    }

    /// What the node is asked to fetch for the `Image` of this name; nil if no machine here has needed it.
    func order(_ name: String) -> ImageOrder? {
        images[name].map { ImageOrder(name: name, spec: $0.image.spec) }
    }

    // MARK: Objects

    /// A machine here names this image; ignored if there is no such object, or none that can be read.
    mutating func want(_ name: String, in fleet: Fleet) {
        guard images[name] == nil, let image = NodeImage(fleet[ObjectKey(kind: "Image", namespace: "", name: name)])
        else { return }
        images[name] = Copy(image: image)
    }

    /// An object was written; answers whether it is another image than before, or one that was not known here.
    mutating func changed(_ object: FleetObject, effects: inout Effects) -> Bool {
        let name = object.key.name
        if let known = images[name], known.image.isOf(object) {
            // What is shown of this node's copy may have changed, by a report that was given up for lost.
            effects.changed(image: name)
            return false
        }
        // Also while no machine uses it: the next machine that does must not get what it was before.
        _ = deleted(name, effects: &effects)
        return true
    }

    /// An object is gone; answers whether it was known here.
    mutating func deleted(_ name: String, effects: inout Effects) -> Bool {
        guard let copy = images[name] else { return false }
        if copy.image.holding == .fetching, let order = order(name) { effects.append(.giveUp(order)) }
        images[name] = nil
        return true
    }

    /// The images whose objects are gone, ascending by name.
    func gone(from fleet: Fleet) -> [String] {
        images.keys.sorted().filter { fleet[ObjectKey(kind: "Image", namespace: "", name: $0)] == nil }
    }

    // MARK: Fetches

    /// Asks for those of the images that are not here, are not being fetched, and may be tried.
    mutating func fetch(_ names: [String], at now: Instant, effects: inout Effects) {
        for name in names {
            guard let copy = images[name], let order = order(name) else { continue }
            switch copy.image.holding {
            case .absent: break
            case .failed:
                if let notBefore = copy.notBefore, notBefore > now { continue }
            case .fetching, .held, .unknown: continue
            }
            images[name]?.image.holding = .fetching
            effects.changed(image: name)
            effects.append(.fetch(order))
        }
    }

    /// The store has answered an order; answers whether the order is still wanted.
    mutating func answered(
        _ order: ImageOrder, _ holding: ImageShelf.Holding, at now: Instant, effects: inout Effects
    ) -> Bool {
        guard self.order(order.name) == order, var copy = images[order.name] else { return false }
        copy.image.holding = holding
        if case .failed = holding {
            copy.failures += 1
            copy.notBefore = now + Self.retries.delay(afterFailures: copy.failures)
        } else {
            copy.failures = 0
            copy.notBefore = nil
        }
        images[order.name] = copy
        effects.changed(image: order.name)
        return true
    }

    /// Why an image can't be had at the moment; nil if it did not fail.
    func failure(of name: String) -> String? {
        if case .failed(let message)? = images[name]?.image.holding { message } else { nil }
    }

    /// The images whose fetch failed and may be tried again from now on, each answered once: what does not want it
    /// started now will ask for it when it does.
    mutating func retriesDue(at now: Instant) -> [String] {
        var due: [String] = []
        for name in images.keys.sorted() {
            guard failure(of: name) != nil, let notBefore = images[name]?.notBefore, notBefore <= now else { continue }
            images[name]?.notBefore = nil
            due.append(name)
        }
        return due
    }
}
