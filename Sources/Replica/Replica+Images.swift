import Fleet
import Manifest
import Primitives
import Reconcile

// Images are fetched when a machine that is bound here needs them, and kept once.
extension Replica {
    var shelf: ImageShelf {
        ImageShelf(
            holdings: machines.images.mapValues(\.holding), digests: machines.images.mapValues(\.image.spec.digestHex))
    }

    mutating func want(image name: String) {
        guard machines.images[name] == nil,
            let image = NodeImage(fleet[ObjectKey(kind: "Image", namespace: "", name: name)])
        else { return }
        machines.images[name] = MachineLoop.LocalImage(image)
    }

    mutating func imageObjectChanged(_ object: FleetObject) {
        if let known = machines.images[object.key.name], known.image.isOf(object) {
            // What is shown of this node's copy may have changed, by a report that was given up for lost.
            reporter.dirtyImages.insert(object.key.name)
            return
        }
        giveUp(object.key.name)
        // Also while nobody uses it: the next machine that does must not get what it was before.
        machines.images[object.key.name] = nil
        let users = machines.machines.filter { $0.value.desired.imageNames.contains(object.key.name) }.keys.sorted()
        guard !users.isEmpty else { return }
        want(image: object.key.name)
        for uid in users {
            machines.machines[uid]?.situation.imageChanged()
            machines.queue.add(uid, at: now)
        }
    }

    /// Forgets the images whose objects are gone without the feed having told so.
    mutating func dropGoneImages() {
        for name in machines.images.keys.sorted()
        where fleet[ObjectKey(kind: "Image", namespace: "", name: name)] == nil {
            imageObjectDeleted(name)
        }
    }

    mutating func imageObjectDeleted(_ name: String) {
        guard machines.images[name] != nil else { return }
        giveUp(name)
        machines.images[name] = nil
        for (uid, machine) in machines.machines where machine.desired.imageNames.contains(name) {
            machines.queue.add(uid, at: now)
        }
    }

    private mutating func giveUp(_ name: String) {
        guard machines.images[name]?.holding == .fetching, let order = machines.order(name) else { return }
        effects.append(.giveUp(order))
    }

    mutating func fetch(_ names: [String], for uid: UID) {
        for name in names {
            guard let image = machines.images[name], let order = machines.order(name) else { continue }
            switch image.holding {
            case .absent: break
            case .failed:
                if let notBefore = image.notBefore, notBefore > now { continue }
            case .fetching, .held, .unknown: continue
            }
            machines.images[name]?.holding = .fetching
            reporter.dirtyImages.insert(name)
            effects.append(.fetch(order))
        }
    }

    mutating func imageChanged(_ order: ImageOrder, _ holding: ImageShelf.Holding) {
        guard machines.order(order.name) == order, var image = machines.images[order.name] else { return }
        image.holding = holding
        if case .failed = holding {
            image.failures += 1
            image.notBefore =
                now
                + Backoff(baseMilliseconds: 2000, capMilliseconds: 120_000)
                .delay(afterFailures: image.failures)
        } else {
            image.failures = 0
            image.notBefore = nil
        }
        machines.images[order.name] = image
        reporter.dirtyImages.insert(order.name)
        for (uid, machine) in machines.machines where machine.desired.imageNames.contains(order.name) {
            machines.queue.add(uid, at: now)
            reporter.dirty.insert(uid)
        }
        tellFailure(of: order.name)
    }

    /// Tells those who look at a machine that waits for the image why it does: once, however often that is tried again.
    private mutating func tellFailure(of name: String) {
        guard case .failed(let message)? = machines.images[name]?.holding else { return }
        for uid in machines.machines.keys.sorted() {
            guard let machine = machines.machines[uid], machine.desired.imageNames.contains(name),
                machine.toldFailures[name] != message
            else { continue }
            let waits = plan(machine).contains { step in
                if case .fetchImages(let names) = step.action { names.contains(name) } else { false }
            }
            guard waits else { continue }
            machines.machines[uid]?.toldFailures[name] = message
            report(image: name, failed: message, for: machine.desired)
        }
    }

    mutating func retryImages() {
        for name in machines.images.keys.sorted() {
            guard let image = machines.images[name], case .failed = image.holding, let notBefore = image.notBefore,
                notBefore <= now
            else { continue }
            // Once: whoever does not want it started now will ask for it when it is.
            machines.images[name]?.notBefore = nil
            for (uid, machine) in machines.machines where machine.desired.imageNames.contains(name) {
                machines.queue.add(uid, at: now)
            }
        }
    }
}
