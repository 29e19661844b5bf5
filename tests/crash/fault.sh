#!/bin/sh
# The fault runner itself: a test that injects nothing proves nothing.
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"

fault() {
	"$BUILD/tests/fault" -o report "$@"
}

check 'fault: points are counted, over children too' '
	fault kill 0 -- sh -c "echo a >x; mv x y; mkdir d; rmdir d; true"
	same report <<-\.
	points=4 hit=0 call=- end=exit status=0 pause=0
	.
	fault -c all kill 0 -- true
	grep -Eq "^points=[1-9][0-9]+ hit=0" report
'

check 'fault kill: before the call, and killexit after it' '
	echo a >x
	expect_status 137 fault kill 1 -- mv x y
	[ -e x ]
	[ ! -e y ]
	expect_status 137 fault killexit 1 -- mv x y
	[ -e y ]
	grep -Eq "^points=1 hit=1 call=rename[at2]* end=signal status=9" report
'

check 'fault term, int: the command gets the signal' '
	fault term 1 -- sh -c "trap \"echo got >&2\" TERM; echo a >x" 2>said
	grep -q got said
	expect_status 130 fault int 1 -- dd if=/dev/zero of=x count=1
'

check 'fault errno: the call is not made; once, or from there on' '
	echo a >x
	expect_status 1 fault errno:ENOSPC 1 -- mv x y 2>said
	grep -q "No space left" said
	[ -e x ]
	cat >write.c <<-\END
	#include <fcntl.h>
	#include <stdio.h>
	#include <unistd.h>
	int main(void)
	{
		int fd = open("out", O_CREAT | O_WRONLY, 0666);
		for (int i = 0; i < 5; i++)
			printf("%zd\n", write(fd, "0123456789", 10));
		return 0;
	}
	END
	${CC:-cc} -o write write.c
	fault -c write errno:EIO 3 -- ./write >once
	fault -c write -s errno:EIO 3 -- ./write >sticky
	fault short 2 -- ./write >short
	same once <<-\.
	10
	10
	-1
	10
	10
	.
	same sticky <<-\.
	10
	10
	-1
	-1
	-1
	.
	same short <<-\.
	10
	5
	10
	10
	10
	.
'

check 'fault pause: a command runs while the other stands still' '
	echo a >x
	fault "pause:ls >seen; exit 3" 1 -- mv x y
	grep -q "hit=1 .* pause=3" report
	grep -qx x seen
	not grep -qx y seen
	[ -e y ]
'

check 'fault: threads are followed' '
	cat >threads.c <<-\END
	#include <fcntl.h>
	#include <pthread.h>
	#include <unistd.h>
	static void *make(void *name)
	{
		close(open(name, O_CREAT | O_WRONLY, 0666));
		return NULL;
	}
	int main(void)
	{
		static char names[8][2] = { "a", "b", "c", "d", "e", "f", "g" };
		pthread_t t[7];
		for (int i = 0; i < 7; i++)
			pthread_create(&t[i], NULL, make, names[i]);
		for (int i = 0; i < 7; i++)
			pthread_join(t[i], NULL);
		return 0;
	}
	END
	${CC:-cc} -o threads threads.c -lpthread
	fault kill 0 -- ./threads
	grep -q "points=7 " report
	[ -e a ]
	[ -e g ]
	rm a b c d e f g
	expect_status 137 fault kill 4 -- ./threads
	[ "$(find . -size 0 ! -name "*.c" | wc -l)" -lt 4 ]
'

finish
