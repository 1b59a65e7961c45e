f() {
	echo "a line that is longer than forty letters"
}
