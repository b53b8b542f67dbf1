#!/usr/bin/env python3
"""Network namespaces as container runtimes leave them: a process with a listener in a namespace of its own, in the cgroup that the runtime would give it, with the
file in which the runtime keeps the name that a person gave, and the mount that holds the namespace.

usage: containers.py    (as root); prints one JSON line, label → [port, inode of the namespace], and holds them until its standard input ends.
"""
import json, os, subprocess, sys

root = next(path for path in ('/sys/fs/cgroup/unified', '/sys/fs/cgroup') if os.path.exists(path + '/cgroup.procs'))
listen = "import socket, sys; s = socket.socket(); s.bind(('127.0.0.1', int(sys.argv[1]))); s.listen(5); print('ready', flush=True); sys.stdin.read()"
number = lambda digit: (digit + '0a1b2c3d4e5f6789') * 3 + digit * 13
held, made = [], {}


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w') as file: file.write(text)


def container(label, cgroup, mount=None, files=()):
    port = 3000 + len(held)
    process = subprocess.Popen(['unshare', '-n', 'python3', '-c', listen, str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdout.readline()
    os.makedirs(root + cgroup, exist_ok=True)
    with open(root + cgroup + '/cgroup.procs', 'w') as file: file.write(str(process.pid))
    space = '/proc/%d/ns/net' % process.pid
    if mount:
        write(mount, '')
        subprocess.run(['mount', '--bind', space, mount], check=True)
    for path, text in files: write(path, text)
    held.append((process, root + cgroup, mount, [path for path, _ in files]))
    made[label] = [port, os.stat(space).st_ino]


def annotations(names):
    return json.dumps({'ociVersion': '1.1.0', 'process': {'user': {'uid': 0}}, 'annotations': names})


docker, podman, nerdctl, pod, crio, plain = (number(digit) for digit in '123456')
container('docker:web', '/system.slice/docker-%s.scope' % docker, '/run/docker/netns/0a1b2c3d4e5f',
          [('/var/lib/docker/containers/%s/config.v2.json' % docker, json.dumps({'StreamConfig': {}, 'State': {'Running': True}, 'ID': docker, 'Name': '/web', 'MountPoints': {'/data': {'Name': 'data'}}}, separators=(',', ':')))])
container('docker:' + plain[:12], '/docker/' + plain)
container('podman:db', '/machine.slice/libpod-%s.scope/container' % podman, '/run/netns/netns-12345678-1234-1234-1234-123456789abc',
          [('/var/lib/containers/storage/overlay-containers/containers.json', json.dumps([{'id': number('7'), 'names': ['other']}, {'id': podman, 'names': ['db'], 'image': plain}], separators=(',', ':')))])
container('containerd:cache', '/system.slice/nerdctl-%s.scope' % nerdctl, None, [('/run/containerd/io.containerd.runtime.v2.task/default/%s/config.json' % nerdctl, annotations({'nerdctl/name': 'cache'}))])
container('k8s:shop/cart-7d9', '/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1_2_3.slice/cri-containerd-%s.scope' % pod, '/run/netns/cni-12345678-1234-1234-1234-123456789abc',
          [('/run/containerd/io.containerd.runtime.v2.task/k8s.io/%s/config.json' % pod, annotations({'io.kubernetes.cri.sandbox-name': 'cart-7d9', 'io.kubernetes.cri.sandbox-namespace': 'shop'}))])
container('k8s:shop/pay-1', '/kubepods.slice/kubepods-pod4.slice/crio-%s.scope' % crio, None,
          [('/run/containers/storage/overlay-containers/%s/userdata/config.json' % crio, annotations({'io.kubernetes.pod.name': 'pay-1', 'io.kubernetes.pod.namespace': 'shop'}))])
container('nspawn:web-1', '/machine.slice/systemd-nspawn@web\\x2d1.service/payload')
container('lxc:shop', '/lxc.payload.shop/init.scope')

print(json.dumps(made), flush=True)
try: sys.stdin.read()
finally:
    for process, cgroup, mount, files in held:
        process.kill(); process.wait()
        if mount: subprocess.run(['umount', mount])
        for path in files + ([mount] if mount else []): os.unlink(path)
        os.rmdir(cgroup)
